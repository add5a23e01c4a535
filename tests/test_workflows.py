"""The workflows, as far as they can be tried without their runners."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from pybtex.database import parse_file

from conftest import CONTENTS, ROOT

FOLDER = ROOT / ".github"
WORKFLOWS = sorted(FOLDER.glob("workflows/*.yml"))
BIN = Path(sys.executable).parent
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows' own bash.exe is another one")


def read(path: Path) -> dict[Any, Any]:
    found: dict[Any, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


def steps(workflow: dict[Any, Any]) -> list[dict[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        list(map(str, command)), cwd=ROOT, text=True, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


@pytest.mark.slow
def test_the_schema_holds() -> None:
    workflows = run(BIN / "check-jsonschema", "--builtin-schema", "vendor.github-workflows", *WORKFLOWS)
    assert workflows.returncode == 0, workflows.stdout
    bot = run(BIN / "check-jsonschema", "--builtin-schema", "vendor.dependabot", FOLDER / "dependabot.yml")
    assert bot.returncode == 0, bot.stdout


def test_zizmor_finds_nothing() -> None:
    """Among what it looks for: unpinned actions, wide permissions, credentials that stay, texts that become code."""
    result = run(BIN / "zizmor", "--offline", "--no-progress", FOLDER)
    assert result.returncode == 0, result.stdout
    assert "No findings" in result.stdout


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_failing_command_fails_its_step(path: Path) -> None:
    """GitHub's ``shell: bash`` is ``bash -eo pipefail``; without it a failure inside a pipe goes unseen."""
    workflow = read(path)
    if any("run" in step for step in steps(workflow)):
        assert workflow["defaults"]["run"]["shell"] == "bash"
    for step in steps(workflow):
        assert "continue-on-error" not in step
        if "run" in step:
            assert subprocess.run(["bash", "-n"], input=step["run"], text=True, check=False).returncode == 0


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_no_change_by_a_stranger_meets_a_secret(path: Path) -> None:
    workflow = read(path)
    # YAML reads the key `on` as true.
    triggers = set(workflow[True])
    assert not triggers & {"pull_request_target", "workflow_run", "issue_comment"}
    assert workflow["permissions"] == {}
    if "pull_request" in triggers:
        assert all(set(job["permissions"].values()) == {"read"} for job in workflow["jobs"].values())
        assert "secrets." not in path.read_text(encoding="utf-8")


def test_what_the_steps_call_is_there() -> None:
    called = "\n".join(step["run"] for path in WORKFLOWS for step in steps(read(path)) if "run" in step)
    for name in re.findall(r"(?:\.github|tests)/\w+\.py|\.ci/run", called):
        assert (ROOT / name).is_file(), name
    targets = re.findall(r"^([.\w/]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    for name in re.findall(r"\bmake (\S+)", called):
        assert name in targets, name
    assert run(sys.executable, "-c", "import press.handout.publishing").returncode == 0
    assert {path.name for path in WORKFLOWS} >= set(re.findall(r"[\w]+\.yml", called))


def step(workflow: str, job: str, name: str) -> str:
    """The script of a step."""
    [script] = [
        each["run"] for each in read(FOLDER / "workflows" / workflow)["jobs"][job]["steps"] if each.get("name") == name
    ]
    return str(script)


GH = """#!/usr/bin/env bash
# In place of GitHub's: nights from a file, one a line: the run, its day, how the notebooks ended.
if [ "$2" = list ]; then
  while read -r run day ended; do echo "$run/$day"; done < "$NIGHTS"
else
  while read -r run day ended; do if [ "$run" = "$3" ]; then echo "$ended"; fi; done < "$NIGHTS"
fi
"""


@pytest.mark.parametrize(
    ("nights", "said"),
    [
        ("", ""),
        ("7 2026-11-02 success", "all notebooks ran in Colab on 2026-11-02"),
        ("7 2026-11-02 failure", "a notebook failed in Colab on 2026-11-02"),
        ("8 2026-11-03\n7 2026-11-02 failure", "a notebook failed in Colab on 2026-11-02"),
        ("8 2026-11-03 skipped\n7 2026-11-02 success", "all notebooks ran in Colab on 2026-11-02"),
        ("8 2026-11-03 failure\n7 2026-11-02 success", "a notebook failed in Colab on 2026-11-03"),
        ("8 2026-11-03 cancelled", ""),
    ],
)  # fmt: skip
def test_the_pages_say_how_the_last_night_ended(nights: str, said: str, tmp_path: Path) -> None:
    # The step asks for the names of another workflow's job and step.
    assert step("colab.yml", "notebooks", "Run them one by one")
    script = step("publish.yml", "colab", "How the notebooks last ran in Colab's image")
    assert '.name == "notebooks"' in script and '.name == "Run them one by one"' in script
    (tmp_path / "gh").write_text(GH)
    (tmp_path / "gh").chmod(0o755)
    (tmp_path / "nights").write_text(nights + "\n" if nights else "")
    environment = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "NIGHTS": str(tmp_path / "nights"),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
    }
    subprocess.run(["bash", "-eo", "pipefail", "-c", script], env=environment, check=True)
    assert (tmp_path / "output").read_text() == f"said={said}\n"


@pytest.mark.parametrize("said", ["", "all notebooks ran in Colab on 2026-11-02", 'a "quoted" $HOME'])
def test_the_build_is_told_how_the_night_ended(said: str, tmp_path: Path) -> None:
    script = step("publish.yml", "build", "Build")
    stub = tmp_path / ".venv/bin/book"
    stub.parent.mkdir(parents=True)
    stub.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    stub.chmod(0o755)
    environment = {"PATH": os.environ["PATH"], "SAID": said}
    command = ["bash", "-eo", "pipefail", "-c", script]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == f"build\n--colab-run\n{said}\n"


DOCKER = """#!/usr/bin/env bash
# In place of the real one: runs the last argument, the container's script, with this folder as its volume.
mkdir "$HERE/container"
cd "$HERE/container"
exec bash -euo pipefail -c "${@: -1}"
"""
JUPYTER = """#!/usr/bin/env bash
# In place of nbconvert: says what lies beside the notebook, and fails for one whose name says so.
ls "$(dirname "${@: -1}")" >> "$HERE/beside"
[[ "${@: -1}" != *bad* ]]
"""


@pytest.mark.parametrize(("second", "status"), [("good", 0), ("bad", 1)])
def test_the_night_runs_each_notebook_alone(second: str, status: int, tmp_path: Path) -> None:
    """With the wheel beside it, a notebook would take that, and no night would see an address that is dead."""
    for name, script in (("docker", DOCKER), ("jupyter", JUPYTER)):
        (tmp_path / name).write_text(script)
        (tmp_path / name).chmod(0o755)
    notebooks = tmp_path / "notebooks"
    notebooks.mkdir()
    for name in (f"a-{second}.ipynb", "b.ipynb", "book.whl"):
        (notebooks / name).touch()
    script = step("colab.yml", "notebooks", "Run them one by one")
    assert '"$PWD:/notebooks:ro"' in script
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "HERE": str(tmp_path), "IMAGE": "image"}
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script.replace("/notebooks/*", f"{notebooks}/*")],
        cwd=notebooks, env=environment, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == status, done.stderr
    assert (f"::error::failed: a-{second}.ipynb" in done.stdout) == (status == 1)
    assert sorted(set((tmp_path / "beside").read_text().split())) == [f"a-{second}.ipynb", "b.ipynb"]
    assert len((tmp_path / "beside").read_text().split()) == 4, "both ran, also after one that failed"


def test_a_second_attempt_deploys_what_it_built() -> None:
    """What the first attempt stored stays, and Pages takes no name that stands for two files."""
    jobs = read(FOLDER / "workflows/publish.yml")["jobs"]

    def names(job: str, action: str, key: str) -> list[str]:
        return [each["with"][key] for each in jobs[job]["steps"] if f"/{action}@" in each.get("uses", "")]

    attempt = "${{ github.run_attempt }}"
    assert jobs["build"]["outputs"]["attempt"] == attempt
    stored = [*names("build", "upload-artifact", "name"), *names("build", "upload-pages-artifact", "name")]
    taken = [*names("deploy", "download-artifact", "name"), *names("deploy", "deploy-pages", "artifact_name")]
    assert len(stored) == 2 and all(name.endswith(f"-{attempt}") for name in stored)
    # Read from the build: where only the deployment is tried again, the attempt of today built nothing.
    assert taken == [name.replace(attempt, "${{ needs.build.outputs.attempt }}") for name in stored]


@pytest.mark.parametrize(("workflow", "job"), [("publish.yml", "deploy"), ("colab.yml", "publish")])
def test_only_main_is_published(workflow: str, job: str) -> None:
    assert "github.ref == 'refs/heads/main'" in read(FOLDER / "workflows" / workflow)["jobs"][job]["if"]


def test_the_links_of_all_dois_are_checked(tmp_path: Path) -> None:
    shutil.copy(ROOT / "references.bib", tmp_path)
    script = step("links.yml", "links", "The references that have a DOI and no address")
    subprocess.run(["bash", "-eo", "pipefail", "-c", script], cwd=tmp_path, check=True)
    listed = (tmp_path / "dois.txt").read_text().splitlines()
    works = parse_file(str(ROOT / "references.bib")).entries.values()
    assert sorted(listed) == sorted(f"https://doi.org/{work.fields['doi']}" for work in works if "doi" in work.fields)
    assert len(listed) > 50


@pytest.mark.slow
def test_without_a_graphics_processor_the_promise_fails() -> None:
    result = run(sys.executable, FOLDER / "graphics_processor.py")
    seen = run(
        sys.executable, "-c", "import tensorflow as t; print('SEEN', len(t.config.list_physical_devices('GPU')))"
    )
    if seen.stdout.rstrip().endswith("SEEN 0"):
        assert result.returncode == 1
        assert "sees no graphics processor" in result.stdout
    else:
        assert result.returncode == 0


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["chapters/cnn.md"], {"chapters/cnn"}),
        (["book/checks/rnn.py"], {"exercises/rnn"}),
        (["tests/conftest.py", "README.md", "requirements-dev.lock"], set()),
        (["book/explorers/rates.py"], {"chapters/essentials"}),
        (["book/explorers/chart.js"], {"chapters/essentials", "chapters/headaches"}),
    ],
)  # fmt: skip
def test_the_list_of_changed_pages(names: list[str], expected: set[str], tmp_path: Path) -> None:
    file = tmp_path / "changed.txt"
    file.write_text("\n".join(names) + "\n")
    result = run(sys.executable, FOLDER / "changed_pages.py", file)
    assert result.returncode == 0, result.stdout
    found = set(re.findall(r"- `(.+)\.html`", result.stdout))
    assert expected <= found if "explorers" in names[0] or "checks" in names[0] else found == expected
    assert len(found) < 12


def test_a_change_of_the_look_changes_every_page(tmp_path: Path) -> None:
    file = tmp_path / "changed.txt"
    for common in ("assets/book.css", "requirements-data.lock"):
        file.write_text(f"{common}\n")
        result = run(sys.executable, FOLDER / "changed_pages.py", file)
        assert len(re.findall(r"- `(.+)\.html`", result.stdout)) == len(CONTENTS.pages)
