from __future__ import annotations

import json
import re
import subprocess
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from book import claims
from book.datasets import sources
from conftest import ROOT, book
from press import cli
from press.record import pages as recording


@pytest.mark.parametrize(
    ("choice", "variable", "asked"),
    [
        ("auto", None, None),
        ("auto", "sample", None),
        ("sample", None, "sample"),
        ("sample", "/a/folder", "sample"),
        ("full", None, "full"),
        ("full", "sample", "full"),
        ("full", "auto", "full"),
        ("full", "/a/folder", "/a/folder"),
    ],
)
def test_which_data_is_asked_for(
    choice: str, variable: str | None, asked: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BOOK_DATA", raising=False)
    if variable:
        monkeypatch.setenv("BOOK_DATA", variable)
    settings: list[str | None] = []

    def resolve(setting: str | None = None) -> Any:
        settings.append(setting)
        return SimpleNamespace(name="full", description="the full data")

    monkeypatch.setattr(sources, "resolve", resolve)
    cli.chosen_source(choice)
    assert settings == [asked]


def test_full_is_an_error_where_the_folder_holds_less(small_data: Path) -> None:
    result = book("build", "--data", "full", cwd=ROOT, data=small_data)
    assert result.returncode == 1
    assert result.stdout.startswith("book: --data full was asked for") and result.stdout.count("\n") == 1


def test_pages_are_recorded_on_the_full_data_or_the_sample(small_data: Path) -> None:
    result = book("record", "claims", cwd=ROOT, data=small_data)
    assert result.returncode == 1 and "on the full data or the sample" in result.stdout


def test_serve_says_when_there_is_nothing_to_serve(tmp_path: Path) -> None:
    result = book("serve", cwd=tmp_path, data="sample")
    assert result.returncode == 1 and "run `book build` first" in result.stdout


def test_a_recording_resumes_and_drops_what_is_stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "RECORDED", tmp_path / "recorded.json")
    code = "a"
    monkeypatch.setattr(recording, "code_hash", lambda text: code)
    monkeypatch.setattr(recording.pages, "page_text", lambda name: "")
    ran: list[int] = []

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        seed = int(command[-1])
        ran.append(seed)
        if fails and seed == 2:
            return subprocess.CompletedProcess(command, 1, "", "Traceback")
        values = {"page": "p", "seed": seed, "source": "full", "code": code, "seconds": 1}
        return subprocess.CompletedProcess(command, 0, "noise\n" + json.dumps(values) + "\n", "")

    monkeypatch.setattr(recording.subprocess, "run", run)
    fails = True
    assert recording.record(["p"], "full", 3) == 1
    fails = False
    assert recording.record(["p"], "full", 3) == 0
    assert ran == [1, 2, 3, 2], "only the run that failed is repeated"
    code = "b"
    assert recording.record(["p"], "full", 3) == 0
    runs = json.loads(claims.RECORDED.read_text())["runs"]
    assert [(run["seed"], run["code"]) for run in runs] == [(1, "b"), (2, "b"), (3, "b")]


def test_the_version_is_that_of_the_package(tmp_path: Path) -> None:
    result = book("--version", cwd=tmp_path, data="sample")
    assert (result.returncode, result.stdout) == (0, f"{version('deep-learning-by-running-it')}\n")


def test_readme_is_finished() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "TIME_" not in text
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (ROOT / target).exists(), target
