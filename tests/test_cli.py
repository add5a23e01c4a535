from __future__ import annotations

import re
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from book.datasets import sources
from conftest import ROOT, book
from press import cli


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


def test_the_version_is_that_of_the_package(tmp_path: Path) -> None:
    result = book("--version", cwd=tmp_path, data="sample")
    assert (result.returncode, result.stdout) == (0, f"{version('deep-learning-by-running-it')}\n")


def test_readme_is_finished() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "TIME_" not in text
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (ROOT / target).exists(), target
