from __future__ import annotations

import argparse
import re
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from book.datasets import sources
from conftest import ROOT, book
from press import cli
from press.contents import Contents
from press.notebook.citations import Works
from press.page import PageError
from press.settings import Settings


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


@pytest.mark.parametrize(
    ("arguments", "installed", "said"),
    [
        (["overfitting"], (), "A sweep needs jax and joblib: run `make tools`, or `pip install"),
        (["overfitting"], ("joblib",), "A sweep needs jax: run `make tools`"),
        (["overfitting", "--cluster", "tcp://a:1"], ("jax", "joblib"), "A sweep needs distributed: run `make tools`"),
        (["overfitting"], ("jax", "joblib"), "A sweep takes the full data"),
        (["claims"], (), "Pages are recorded on the full data or the sample"),
    ],
)
def test_what_a_sweep_needs_and_readers_do_not_have_is_named(
    arguments: list[str],
    installed: tuple[str, ...],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name in installed or None)
    monkeypatch.setattr(sources, "resolve", lambda: SimpleNamespace(name="part", description="a part"))
    monkeypatch.setattr("sys.argv", ["book", "record", *arguments])
    with pytest.raises(SystemExit) as left:
        cli.main()
    assert left.value.code == 1
    assert capsys.readouterr().err.startswith(said)


def test_serve_says_when_there_is_nothing_to_serve(tmp_path: Path) -> None:
    result = book("serve", cwd=tmp_path, data="sample")
    assert result.returncode == 1 and "run `book build` first" in result.stdout


def test_what_is_no_port_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "_build/html").mkdir(parents=True)
    (tmp_path / "_build/html/index.html").touch()
    for port in ("99999", "-1"):
        result = book("serve", "--port", port, cwd=tmp_path, data="sample")
        assert (result.returncode, result.stdout) == (1, f"{port} is no port: name one from 1024 to 65535\n")


def test_seeds_are_one_or_more(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[int] = []

    def record(arguments: argparse.Namespace) -> int:
        asked.append(arguments.seeds)
        return 0

    monkeypatch.setattr(cli, "record", record)
    for seeds in ("1", "0", "-3"):
        monkeypatch.setattr("sys.argv", ["book", "record", "claims", f"--seeds={seeds}"])
        with pytest.raises(SystemExit) as left:
            cli.main()
        assert left.value.code == (0 if seeds == "1" else 2)
        assert ("at least 1" in capsys.readouterr().err) is (seeds != "1")
    assert asked == [1]


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The files of a book of two pages, with a README beside them; this process is in its folder."""
    (tmp_path / "_config.yml").write_text("title: A book\n")
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: index\nchapters:\n- file: chapters/a\n")
    (tmp_path / "chapters").mkdir()
    for name in ("index", "chapters/a", "chapters/draft", "README"):
        (tmp_path / f"{name}.md").write_text("# T\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "typed", ["a", "chapters/a", "./chapters/a", "chapters/a.md", "./chapters//a.md", "a.md", "chapters\\a.md"]
)
def test_a_page_may_be_typed_in_several_ways(typed: str, small: Path) -> None:
    assert cli._page_names([typed, "index"], Contents.read(small)) == ["chapters/a", "index"]


@pytest.mark.parametrize(
    ("typed", "missing"),
    [("README", "README"), ("nosuch", "chapters/nosuch"), ("draft", "chapters/draft"), ("chapters/b", "chapters/b")],
)
def test_what_is_no_page_of_the_book_is_said_before_data_is_fetched(typed: str, missing: str, small: Path) -> None:
    expected = f"book: no page {missing}.md in _toc.yml: add it there, or name one that is: index, chapters/a\n"
    for command in (["build"], ["record", "claims"]):
        result = book(*command, "--page", typed, cwd=small, data="/no/such/folder")
        assert (result.returncode, result.stdout) == (1, expected)


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("_config.yml", "title: a: b\n", "_config.yml:1: not YAML, mapping values are not allowed here"),
        ("_config.yml", "title: 'a\n", "_config.yml:2: not YAML, "),
        ("_config.yml", "", "_config.yml: it holds no names and values"),
        ("_config.yml", "html: x\n", "_config.yml: html: write `baseurl: ...` on a line of its own below it"),
        ("_config.yml", "html: {baseurl: 3}\n", "_config.yml: html: write `baseurl: ...`"),
        ("_config.yml", "repository: foo\n", "_config.yml: repository: write `url: ...`"),
        ("_toc.yml", "root: 'index\n", "_toc.yml:2: not YAML, "),
        ("references.bib", "@book{a,\n  title {A}\n}\n", "references.bib:2: not BibTeX, "),
    ],
)
def test_a_slip_in_the_book_s_own_files_is_one_line(file: str, text: str, said: str, small: Path) -> None:
    (small / file).write_text(text)
    result = book("build", cwd=small, data="sample")
    assert result.returncode == 1 and result.stdout.startswith(f"book: {said}"), result.stdout
    assert result.stdout.count("\n") == 1


def test_settings_that_are_left_out_are_no_slip(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    for text in ("title: A book\n", "html:\nrepository:\n", "html: {favicon: x}\nrepository: {url: }\n"):
        (small / "_config.yml").write_text(text)
        assert Settings(small).address == ""


def test_a_slip_in_the_references_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "references.bib"
    for text in ("@book{a,\n  title = {A\n", "@book{a,\n  title {A}\n}\n"):
        file.write_text(text)
        with pytest.raises(PageError, match=r"^references\.bib:\d+: not BibTeX, [^\n]+: mend the work there$"):
            assert "a" in Works(file)
    file.write_text("@book{a,\n  title = {A}\n}\n")
    assert "a" in Works(file) and "b" not in Works(file)


def test_the_version_is_that_of_the_package(tmp_path: Path) -> None:
    result = book("--version", cwd=tmp_path, data="sample")
    assert (result.returncode, result.stdout) == (0, f"{version('deep-learning-by-running-it')}\n")


def test_readme_is_finished() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "TIME_" not in text
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (ROOT / target).exists(), target
