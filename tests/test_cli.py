from __future__ import annotations

import argparse
import errno
import json
import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from book import recordings
from book.datasets import keras_files, sources
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
    monkeypatch.setattr("sys.argv", ["book", "record", "overfitting", "--workers=0"])
    with pytest.raises(SystemExit) as left:
        cli.main()
    assert left.value.code == 2 and "at least 1" in capsys.readouterr().err


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The files of a book of two pages, with a README beside them; this process is in its folder."""
    (tmp_path / "_config.yml").write_text("title: A book\n")
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: index\nchapters:\n- file: chapters/a\n")
    (tmp_path / "chapters").mkdir()
    for name in ("index", "chapters/a", "chapters/draft", "README"):
        (tmp_path / f"{name}.md").write_text("---\nmyst: {html_meta: {description: A page.}}\n---\n# T\n")
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
        ("_config.yml", "", "_config.yml:1: it holds no names and values"),
        ("_config.yml", "html: x\n", "_config.yml:1: html: write `baseurl: ...` on a line of its own below it"),
        ("_config.yml", "html: {baseurl: 3}\n", "_config.yml:1: html: write `baseurl: ...`"),
        ("_config.yml", "title: A\n\nhtml:\n- baseurl\n", "_config.yml:3: html: write `baseurl: ...`"),
        ("_config.yml", "repository: foo\n", "_config.yml:1: repository: write `url: ...`"),
        ("_config.yml", "- title\n", "_config.yml:1: it holds no names and values"),
        ("_config.yml", "title\n", "_config.yml:1: it holds no names and values"),
        ("_config.yml", "date: 2026-13-01\n", "_config.yml: not YAML, month must be in 1..12"),
        ("_toc.yml", "root: 'index\n", "_toc.yml:2: not YAML, "),
        ("_toc.yml", "- index\n", "_toc.yml:1: toc is not a mapping"),
        ("references.bib", "@book{a,\n  title {A}\n}\n", "references.bib:2: not BibTeX, "),
    ],
)
def test_a_slip_in_the_book_s_own_files_is_one_line(file: str, text: str, said: str, small: Path) -> None:
    (small / file).write_text(text)
    result = book("build", cwd=small, data="sample")
    assert result.returncode == 1 and result.stdout.removeprefix("book: ").startswith(said), result.stdout
    assert result.stdout.count("\n") == 1


def main(monkeypatch: pytest.MonkeyPatch, error: BaseException | None, *arguments: str) -> object:
    """The status or the message with which the command ends, where `serve` meets an error."""

    def serve(arguments: argparse.Namespace) -> int:
        if error is not None:
            raise error
        return 0

    monkeypatch.setattr(cli, "serve", serve)
    monkeypatch.setattr("sys.argv", ["book", "serve", *arguments])
    with pytest.raises(SystemExit) as left:
        cli.main()
    return left.value.code


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            OSError(errno.ENOSPC, "No space left on device", "a/b"),
            "book: a/b: No space left on device: free some space",
        ),
        (OSError(errno.ENOSPC, "No space left on device"), "book: No space left on device: free some space"),
        (PermissionError(errno.EACCES, "Permission denied", "a"), "book: a: Permission denied: make it readable"),
        (OSError(errno.EROFS, "Read-only file system", "a"), "book: a: Read-only file system: name a place"),
        (OSError(errno.EADDRINUSE, "Address already in use"), "book: Address already in use: name another port"),
        (FileNotFoundError(errno.ENOENT, "No such file or directory", "a"), "book: a: No such file or directory"),
        (FileNotFoundError("there is no a.ipynb"), "book: there is no a.ipynb"),
        (sources.DataError("No data."), "book: No data."),
        (PageError("a.md:3: x"), "book: a.md:3: x"),
    ],
)
def test_an_error_is_one_line(error: Exception, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    message = main(monkeypatch, error)
    assert isinstance(message, str) and message.startswith(said) and "\n" not in message


def test_a_folder_that_cannot_be_written_is_one_line(small: Path) -> None:
    for file, said in (("_build/html", "_build/html: File exists"), ("_build", "_build/html: Not a directory")):
        shutil.rmtree(small / "_build", ignore_errors=True)
        (small / file).parent.mkdir(exist_ok=True)
        (small / file).touch()
        for command in (["build"], ["notebooks", file + "/x"]):
            result = book(*command, cwd=small, data="sample")
            *_, last = result.stdout.splitlines()
            assert result.returncode == 1 and last.startswith("book: _build"), result.stdout
            assert ": a file is in the place of a folder, move it or name another place" in last
            assert command != ["build"] or said in last
            assert "Traceback" not in result.stdout


def test_ctrl_c_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(monkeypatch, KeyboardInterrupt()) == 130
    assert capsys.readouterr().err == "book: stopped\n"


def test_a_damaged_file_is_named_in_place_of_what_it_led_to(monkeypatch: pytest.MonkeyPatch, small: Path) -> None:
    with pytest.raises(ZeroDivisionError):  # a bug of ours keeps its traceback
        main(monkeypatch, ZeroDivisionError())
    (small / "recorded.json").write_text('{"runs": [\n')
    monkeypatch.setattr(recordings, "FILE", small / "recorded.json")
    message = main(monkeypatch, json.JSONDecodeError("Expecting value", "", 0))
    assert isinstance(message, str) and message.startswith("book: recorded.json:2: not JSON, Expecting value: ")


def test_a_full_disk_is_one_line(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "press.cli", "data"]
        environment = {**os.environ, "BOOK_DATA": "sample"}
        result = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, env=environment, text=True, check=False)
    assert (result.returncode, result.stderr) == (1, "book: No space left on device: free some space\n")


def test_a_home_folder_that_is_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def gone(user: object) -> None:
        raise KeyError(user)  # as for a user without an entry

    monkeypatch.setattr("pwd.getpwuid", gone)
    monkeypatch.setattr("pwd.getpwnam", gone)
    for name in ("HOME", "KERAS_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    assert keras_files.folder() == Path("/tmp/.keras/datasets"), "where Keras looks then"
    monkeypatch.setenv("BOOK_DATA", "sample")
    assert sources.resolve().name == "sample"
    for setting in ("~nosuchuser/x", "~nosuchuser", "~/x"):
        with pytest.raises(sources.DataError, match=rf"^BOOK_DATA={setting}: there is no such home folder\. Write"):
            sources.resolve(setting)
        with pytest.raises(sources.DataError, match=rf"^{setting}: there is no such home folder\. Write"):
            sources.export(setting)
    monkeypatch.setenv("KERAS_HOME", "~nosuchuser")
    with pytest.raises(sources.DataError, match=r"^KERAS_HOME=~nosuchuser: there is no such home folder\. Write"):
        keras_files.folder()
    monkeypatch.delenv("KERAS_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert keras_files.folder() == tmp_path / ".keras/datasets"
    monkeypatch.setenv("KERAS_HOME", "~/keras")
    assert keras_files.folder() == tmp_path / "keras/datasets"


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
