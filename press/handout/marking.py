"""Running the checks of whole notebooks: what ``book check`` does.

Each notebook runs in processes of its own, in an empty folder, and is stopped if it takes too long or too much memory.
What its checks said until then counts. A cell that fails does not end the notebook. No network is needed where the data
are at hand. This guards against mistakes, not against a learner who tampers with the checks on purpose.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import psutil
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from book import outputs
from press.handout import versions

#: Run in the notebook's kernel: the verdicts of this process, also those whose card is not shown, and the exercises of
#: the chapters that they belong to.
REPORT = """
def _report():
    from IPython.display import display
    from book.checks.core import known, results
    from book.outputs import tell
    display(*results)
    chapters = {result.id.split("/")[0] for result in results}
    tell("exercises", [id for id in known() if id.split("/")[0] in chapters])
_report()
del _report
"""


@dataclass
class Submission:
    """What became of one notebook.

    Attributes:
        path: The notebook.
        version: The version of the book that it was made with.
        verdicts: For each exercise its state (``passed``, ``wrong``, ``unanswered``, ``missing``, or ``unmarked`` if it
            is of another version and today's checks do not fit it) and the message.
        remarks: What else happened: cells that failed, a limit that was reached.
        seconds: How long it ran.
    """

    path: Path
    version: str = versions.UNKNOWN
    verdicts: dict[str, tuple[str, str]] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    seconds: float = 0

    @property
    def passed(self) -> int:
        """How many exercises passed."""
        return sum(state == "passed" for state, _ in self.verdicts.values())


def found(paths: Iterable[Path]) -> list[Path]:
    """The notebooks among some files and folders, in order.

    Raises:
        FileNotFoundError: One of them does not exist, or there is no notebook at all.
    """
    notebooks: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(path.rglob("*.ipynb"))
            notebooks += [each for each in inside if ".ipynb_checkpoints" not in each.parts]
        elif path.is_file():
            notebooks.append(path)
        else:
            raise FileNotFoundError(f"there is no {path}")
    if not notebooks:
        raise FileNotFoundError("there is no notebook (*.ipynb) there")
    return notebooks


def mark(path: Path, seconds: float, gigabytes: float) -> Submission:
    """Run one notebook and collect what its checks say.

    Args:
        path: The notebook.
        seconds: How long it may run.
        gigabytes: How much memory it may take, all its processes together.
    """
    submission = Submission(path)
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        work = Path(folder, "work")
        work.mkdir()
        command = [sys.executable, "-m", "press.handout.marking", str(path.resolve()), str(report)]
        with subprocess.Popen(
            command,
            cwd=work,
            env={**os.environ, **versions.NO_INSTALLATION},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            limit = _watch(process, started + seconds, gigabytes * 1e9)
            errors = process.stderr.read() if process.stderr else ""
        if report.exists():
            said = json.loads(report.read_text(encoding="utf-8"))
            submission.verdicts = {id: (state, message) for id, (state, message) in said["verdicts"].items()}
            submission.remarks = said["remarks"]
        _note_version(submission, _about(report))
    if limit == "time":
        submission.remarks.append(f"stopped after {seconds:g} s")
    elif limit == "memory":
        submission.remarks.append(f"stopped at {gigabytes:g} GB of memory")
    elif process.returncode:
        submission.remarks.append(errors.strip().splitlines()[-1][:200] if errors.strip() else "it could not be run")
    submission.seconds = time.monotonic() - started
    return submission


def _about(report: Path) -> Path:
    """Where a notebook's process writes which version the notebook is of, and what its exercises asked for."""
    return report.with_name("about.json")


def _note_version(submission: Submission, about: Path) -> None:
    """Say which version a notebook was made with, and leave no verdict that does not fit it."""
    if not about.exists():
        return
    said = json.loads(about.read_text(encoding="utf-8"))
    submission.version = said["version"]
    submission.verdicts = versions.fair(submission.verdicts, said["version"], said["asked"])
    if remark := versions.remark(said["version"]):
        submission.remarks.insert(0, remark)


def _watch(process: subprocess.Popen[str], end: float, memory: float) -> str:
    """Wait for a process, and stop it with all its children at a limit; return which one, or nothing."""
    while process.poll() is None:
        try:
            parent = psutil.Process(process.pid)
            family = [parent, *parent.children(recursive=True)]
            used = sum(_memory(member) for member in family)
        except psutil.NoSuchProcess:
            continue
        limit = "time" if time.monotonic() > end else "memory" if used > memory else ""
        if limit:
            for member in reversed(family):
                try:
                    member.kill()
                except psutil.NoSuchProcess:
                    continue
            return limit
        time.sleep(0.1)
    return ""


def _memory(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


def run(path: Path, report: Path) -> None:
    """Run a notebook; write what is known after each cell, since this process may be stopped at any time."""
    try:
        notebook = nbformat.read(path, as_version=4)
    except Exception as error:  # nbformat raises its own errors, the JSON decoder's and others
        sys.exit(f"it is not a notebook: {str(error).splitlines()[0] if str(error) else type(error).__name__}")
    _about(report).write_text(json.dumps(versions.prepare(notebook)), encoding="utf-8")
    verdicts: dict[str, tuple[str, str]] = {}
    remarks: list[str] = []
    expected: list[str] = []
    client = NotebookClient(notebook, allow_errors=False, timeout=None, iopub_timeout=60, kernel_name="python3")
    with client.setup_kernel():
        for number, cell in enumerate(notebook.cells, 1):
            if cell.cell_type != "code":
                continue
            checks = "check(" in cell.source
            if checks:  # whatever the notebook calls `check`
                cell.source = f"from book.checks import check\n{cell.source}"
            try:
                client.execute_cell(cell, number - 1)
            except CellExecutionError as error:
                remarks.append(
                    f"cell {number}: {error.ename}: {error.evalue.splitlines()[0][:80] if error.evalue else ''}"
                )
            if checks:
                verdicts, expected = _asked(client)
            _write(report, verdicts, remarks)
    for id in expected:
        if id not in verdicts:
            verdicts[id] = ("missing", "The notebook holds no check of this exercise, or it did not run.")
    _write(report, dict(sorted(verdicts.items())), remarks)


def _asked(client: NotebookClient) -> tuple[dict[str, tuple[str, str]], list[str]]:
    """What the checks have said so far, and which exercises there are."""
    cell = nbformat.v4.new_code_cell(REPORT)
    client.execute_cell(cell, 0, store_history=False)
    report = nbformat.v4.new_notebook(cells=[cell])
    # Of several verdicts on an exercise the last one counts.
    verdicts = {verdict["id"]: (verdict["state"], verdict["message"]) for verdict in outputs.told(report, "verdict")}
    [expected] = outputs.told(report, "exercises")
    return verdicts, expected


def _write(report: Path, verdicts: dict[str, Any], remarks: list[str]) -> None:
    temporary = report.with_suffix(".tmp")
    temporary.write_text(json.dumps({"verdicts": verdicts, "remarks": remarks}), encoding="utf-8")
    temporary.replace(report)


def table(submissions: Sequence[Submission]) -> str:
    """The outcome for people: one line a notebook, and one for each exercise that did not pass."""
    words = {"wrong": "not yet", "unanswered": "no answer", "missing": "missing", "unmarked": "not marked"}
    width = max(len(str(each.path)) for each in submissions)
    lines = [f"{'notebook':{width}}  version  passed  seconds"]
    for each in submissions:
        score = f"{each.passed}/{len(each.verdicts)}" if each.verdicts else "-"
        lines.append(f"{each.path!s:{width}}  {each.version:>7}  {score:>6}  {each.seconds:7.0f}")
        for id, (state, message) in each.verdicts.items():
            if state != "passed":
                lines.append(f"    {id}: {words[state]}. {message}")
        lines += [f"    {remark}" for remark in each.remarks]
    return "\n".join(lines)


def write_csv(submissions: Sequence[Submission], path: Path) -> None:
    """Write one row for each notebook and exercise; a notebook without any check gets one row."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["notebook", "version", "exercise", "state", "message", "seconds", "remarks"])
        for each in submissions:
            for id, (state, message) in each.verdicts.items() or [("", ("", ""))]:
                remarks = "; ".join(each.remarks)
                writer.writerow([each.path, each.version, id, state, message, round(each.seconds), remarks])


if __name__ == "__main__":
    run(Path(sys.argv[1]), Path(sys.argv[2]))
