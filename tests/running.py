"""Runs the book's notebooks as a learner does, in any environment, and measures time and memory.

python tests/running.py [--colab] [NAME ...]

Prints a table: for each notebook (or those named, for example ``cnn``) how long it ran, the peak of its memory, and
whether it ran to its end and fits Binder; the exit status is 1 if one does not. Kernels start with the variables that
they have on Binder. With ``--colab``, the notebooks run in a fresh environment with the versions that Colab's image
holds (tests/colab.txt), in an empty folder, and take the package from a local server as they would from the published
site; a line says whether their first cell left these versions alone.

On Linux the peak leaves out the pages of library files (some 0.5 GB), which a machine short of memory can drop and read
again.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import http.server
import importlib.util
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import v4

from press.notebook import writing as notebooks

ROOT = Path(__file__).parent.parent
#: Run after the notebook's last cell.
PEAK = """import sys
if sys.platform == "win32":
    import psutil
    print(psutil.Process().memory_info().peak_wset)
else:
    import resource
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    if sys.platform == "linux":
        with open("/proc/self/status") as table:
            peak -= next(int(line.split()[1]) for line in table if line.startswith("RssFile:")) * 1024
    print(peak)"""
#: What a kernel may take on Binder: its machines have 2 GiB, of which the server with JupyterLab takes about 0.15e9,
#: and the pages of library files that are in use about 0.2e9.
BINDER = 2 * 1024**3 - 0.35e9


@dataclass
class Run:
    """What became of a notebook: seconds, the peak of its kernel's memory in bytes, and an error or nothing."""

    notebook: nbformat.NotebookNode
    seconds: float
    peak: int
    error: str


def environment(folder: Path) -> Path:
    """Make an environment like Colab's; return its Python."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    # pip stays in it: the notebooks use it.
    install = [str(python), "-m", "pip", "install"]
    if importlib.util.find_spec("uv"):
        install = [sys.executable, "-m", "uv", "pip", "install", "--python", str(python)]
    subprocess.run([*install, "--quiet", "-r", str(ROOT / "tests/colab.txt")], check=True)
    return python


def versions(python: Path) -> dict[str, str]:
    """The packages of an environment, with their versions."""
    command = [str(python), "-m", "pip", "list", "--format=json", "--disable-pip-version-check"]
    found = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    return {package["name"].lower(): package["version"] for package in found}


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on this machine; gives its address."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Keep the table clean."""

    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()


def published(folder: Path, address: str) -> list[Path]:
    """Write all notebooks as the site at an address publishes them, below ``notebooks`` of a folder."""
    book = notebooks.Book(ROOT)
    book.address = address
    return sorted(notebooks.write(book, folder / "notebooks"))


def on_binder() -> dict[str, str]:
    """The environment variables of Binder's kernels, from ``postBuild``."""
    return dict(re.findall(r"--env (\S+) (\S+)", (ROOT / "postBuild").read_text(encoding="utf-8")))


def run(path: Path, python: Path, work: Path, variables: dict[str, str] | None = None) -> Run:
    """Run a notebook with an environment's Python in a folder, with some more environment variables."""
    kernels = work.with_name(f"{work.name}-kernels")
    spec = kernels / "python3"
    spec.mkdir(parents=True, exist_ok=True)
    arguments = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    about = {"argv": arguments, "display_name": "Python 3", "language": "python", "env": variables or {}}
    (spec / "kernel.json").write_text(json.dumps(about), encoding="utf-8")
    manager = AsyncKernelManager(kernel_name="python3")
    manager.kernel_spec_manager = KernelSpecManager(kernel_dirs=[str(kernels)], ensure_native_kernel=False)
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(v4.new_code_cell(PEAK))
    client = NotebookClient(notebook, km=manager, timeout=1800, resources={"metadata": {"path": str(work)}})
    started = time.monotonic()
    try:
        client.execute()
        error = ""
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as problem:
        error = str(problem)
    peak = notebook.cells.pop()
    lines = "".join(output.get("text", "") for output in peak.outputs)
    return Run(notebook, time.monotonic() - started, int(lines or 0), error)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--colab", action="store_true")
    parser.add_argument("names", nargs="*", metavar="NAME")
    arguments = parser.parse_args()
    failed = False
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        work = folder / "work"
        work.mkdir()
        python = environment(folder / "environment") if arguments.colab else Path(sys.executable)
        before = versions(python)
        with served(folder) as address:
            paths = published(folder, address)
            if unknown := set(arguments.names) - {path.stem for path in paths}:
                parser.error(f"no such notebook: {', '.join(sorted(unknown))}")
            print(f"{'notebook':32} {'seconds':>8} {'GB':>6}")
            for path in paths:
                if arguments.names and path.stem not in arguments.names:
                    continue
                done = run(path, python, work, {} if arguments.colab else on_binder())
                too_much = done.peak >= BINDER and not arguments.colab
                said = "failed" if done.error else "more than Binder gives" if too_much else ""
                print(f"{path.stem:32} {done.seconds:>8.0f} {done.peak / 1e9:>6.2f} {said}", flush=True)
                if done.error:
                    print(done.error, file=sys.stderr)
                failed = failed or bool(done.error) or too_much
        if arguments.colab:
            after = versions(python)
            changed = {name: (before[name], after.get(name)) for name in before if after.get(name) != before[name]}
            added = sorted(set(after) - set(before))
            print(f"changed by the first cell: {changed or 'nothing'}; added: {', '.join(added)}")
            failed = failed or bool(changed)
    sys.exit(failed)


if __name__ == "__main__":
    main()
