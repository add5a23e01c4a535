"""What a release needs, and what its workflow does, as far as it can be tried without a runner."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from test_workflows import read, step

import book
from conftest import ROOT

SCRIPT = ROOT / ".github/release_notes.py"
TAG = f"v{book.__version__}"
FILES = ("pyproject.toml", "press/pyproject.toml", "CITATION.cff", "CHANGELOG.md", ".github/release_notes.py")
on_a_runner = pytest.mark.skipif(sys.platform == "win32", reason="Windows' own bash.exe is another one")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The files that name a version, in a folder of their own."""
    for name in FILES:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def notes(project: Path, tag: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(project / ".github/release_notes.py"), tag]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_this_version_is_ready_to_be_released() -> None:
    """One version in all files that name one, and a section of the changelog for each group of people."""
    done = notes(ROOT, TAG)
    assert done.returncode == 0, done.stderr
    headings = re.findall(r"^### (.+)$", done.stdout, re.M)
    assert headings == ["For readers", "For learners", "For authors", "For teachers"]
    assert "## [" not in done.stdout, "no other version's section"


def test_a_release_s_text_is_its_section_and_no_other(project: Path) -> None:
    (project / "CHANGELOG.md").write_text(
        f"# Changelog\n\n## [Unreleased]\n\n- later\n\n## [{book.__version__}] - 2026-11-27\n\n"
        "### For readers\n\n- this\n\n## [0.1.0] - 2026-11-23\n\n- before\n"
    )
    assert notes(project, TAG).stdout == "### For readers\n\n- this\n"


@pytest.mark.parametrize(
    ("name", "line", "instead", "says"),
    [
        ("pyproject.toml", r'^version = ".+"', 'version = "9.9.9"', "- pyproject.toml says 9.9.9: set it to"),
        ("press/pyproject.toml", r'^version = ".+"', 'version = "9.9.9"', "- press/pyproject.toml says 9.9.9"),
        ("CITATION.cff", r"^version: .+", "version: 9.9.9", "- CITATION.cff says 9.9.9"),
        ("CITATION.cff", r"^version: .+\n", "", "- CITATION.cff says nothing"),
        ("CHANGELOG.md", r"^## \[0\.2\.0\] - .+", "## [Unreleased]", "- CHANGELOG.md says nothing of"),
        ("CHANGELOG.md", r"^## \[0\.2\.0\] - .+", "## [0.2.0] - soon", "- CHANGELOG.md says nothing of"),
    ],
)
def test_a_version_that_is_not_everywhere_is_not_released(
    name: str, line: str, instead: str, says: str, project: Path
) -> None:
    line = line.replace(r"0\.2\.0", re.escape(book.__version__))
    text, count = re.subn(line, instead, (project / name).read_text(encoding="utf-8"), flags=re.M)
    assert count == 1
    (project / name).write_text(text, encoding="utf-8")
    done = notes(project, TAG)
    assert done.returncode == 1 and done.stdout == ""
    assert f"{TAG} cannot be released yet" in done.stderr and says in done.stderr
    assert done.stderr.count("\n- ") == 1, "nothing else is wrong"


def test_all_that_is_wrong_with_a_tag_is_said_at_once(project: Path) -> None:
    done = notes(project, "v9.9.9")
    assert done.returncode == 1
    for name in ("pyproject.toml", "press/pyproject.toml", "CITATION.cff", "CHANGELOG.md"):
        assert f"- {name} says" in done.stderr


@pytest.mark.parametrize("tag", ["0.2.0", "v0.2", "vnext", "v0.2.0-rc1"])
def test_a_tag_that_is_no_version_is_no_release(tag: str) -> None:
    done = notes(ROOT, tag)
    assert done.returncode == 1 and "write it like v0.2.0" in done.stderr


def test_the_steps_run_with_a_bare_python() -> None:
    """The versions are compared before anything is installed."""
    done = subprocess.run([sys.executable, "-I", "-S", SCRIPT, TAG], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_only_a_tag_releases_and_only_the_last_job_may_write() -> None:
    workflow = read(ROOT / ".github/workflows/release.yml")
    assert workflow[True] == {"push": {"tags": ["v*"]}}  # YAML reads the key `on` as true
    assert {name: job["permissions"] for name, job in workflow["jobs"].items()} == {
        "build": {"contents": "read"},
        "release": {"contents": "write"},
    }


GH = """#!/usr/bin/env bash
# In place of GitHub's: says what it was asked for; lists two releases; gives the package of one.
set -eu
printf '%s\\n' "$*" >> "$HERE/asked"
case "$2" in
  list) printf 'v0.3.0\\nv0.2.0\\n' ;;
  download) version=${3#v}; [ -e "$7/book-$version.whl" ] || echo released > "$7/book-$version.whl" ;;
esac
"""


def run(script: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    (folder / "bin").mkdir()
    (folder / "bin/gh").write_text(GH)
    (folder / "bin/gh").chmod(0o755)
    environment = {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "HERE": str(folder), **variables}
    command = ["bash", "-eo", "pipefail", "-c", script]
    return subprocess.run(command, cwd=folder, env=environment, check=False, capture_output=True, text=True)


@on_a_runner
def test_the_site_keeps_the_packages_of_earlier_releases(tmp_path: Path) -> None:
    """Their notebooks take them from there. What this build made stays."""
    notebooks = tmp_path / "_build/html/notebooks"
    notebooks.mkdir(parents=True)
    (notebooks / "book-0.3.0.whl").write_text("built")
    script = step("publish.yml", "build", "The packages of earlier releases, which their notebooks install")
    done = run(script, tmp_path)
    assert done.returncode == 0, done.stderr
    assert {path.name: path.read_text().strip() for path in notebooks.iterdir()} == {
        "book-0.3.0.whl": "built",
        "book-0.2.0.whl": "released",
    }
    assert (tmp_path / "asked").read_text().count("--skip-existing") == 2
    names = [
        each.get("name", each.get("uses", ""))
        for each in read(ROOT / ".github/workflows/publish.yml")["jobs"]["build"]["steps"]
    ]
    kept = next(number for number, name in enumerate(names) if name.startswith("The packages of earlier"))
    assert "upload-artifact@" in names[kept - 1], "the branch of notebooks holds the newest only"
    assert "upload-pages-artifact@" in names[kept + 1]


@on_a_runner
def test_a_release_holds_the_package_and_the_exercises_and_none_of_the_data(tmp_path: Path) -> None:
    notebooks = tmp_path / "_build/html/notebooks"
    notebooks.mkdir(parents=True)
    for name in ("book-0.2.0-py3-none-any.whl", "exercises.zip", "cnn.ipynb"):
        (notebooks / name).touch()
    (tmp_path / "release").mkdir()
    (tmp_path / "release/notes.md").touch()
    done = run(
        "\n".join([step("release.yml", "build", "The files"), step("release.yml", "release", "Release")]),
        tmp_path,
        GITHUB_REF_NAME="v0.2.0",
    )
    assert done.returncode == 0, done.stderr
    asked = (tmp_path / "asked").read_text().split()
    assert asked[:3] == ["release", "create", "v0.2.0"] and "--verify-tag" in asked
    files = [word for word in asked if word.startswith("release/")]
    assert sorted(files) == [
        "release/book-0.2.0-py3-none-any.whl",
        "release/exercises.zip",
        "release/notes.md",
    ]


@on_a_runner
def test_the_workflow_stops_at_a_tag_that_is_not_ready(project: Path) -> None:
    script = step("release.yml", "build", "One version everywhere, and what changed in it")
    (project / "bin").mkdir()
    (project / "bin/python").symlink_to(sys.executable)
    for tag, code in ((TAG, 0), ("v9.9.9", 1)):
        shutil.rmtree(project / "release", ignore_errors=True)
        environment = {"PATH": f"{project / 'bin'}:{os.environ['PATH']}", "GITHUB_REF_NAME": tag}
        command = ["bash", "-eo", "pipefail", "-c", script]
        done = subprocess.run(command, cwd=project, env=environment, check=False, capture_output=True, text=True)
        assert done.returncode == code
    assert "9.9.9" in done.stderr


def test_the_contributing_page_tells_how() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = text.split("## Release\n")[1].split("\n## ")[0]
    assert re.findall(r"^(\d)\. ", section, re.M) == list("12345")
    for name in re.findall(r"`([\w./]+\.(?:toml|cff|md))`", section):
        assert (ROOT / name).is_file(), name
    assert (ROOT / ".github/workflows/release.yml").is_file() and "release.yml" in section
