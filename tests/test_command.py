"""What the tests stand on: the command as they run it, and the line between quick and slow tests."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import command
import conftest
from conftest import ROOT, book, kept_quick


@pytest.mark.parametrize("arguments", [["--version"], ["serve", "--port", "99999"], ["data", "nothing"], ["build"]])
def test_a_forked_command_is_the_command(arguments: list[str], tmp_path: Path) -> None:
    """What it prints, on both streams, and its exit status, in the folder and with the variables that it is given."""
    (tmp_path / "_build/html").mkdir(parents=True)
    (tmp_path / "_build/html/index.html").touch()
    started = subprocess.run(
        [sys.executable, "-m", "press.cli", *arguments],
        cwd=tmp_path,
        env={**os.environ, "BOOK_DATA": "sample"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    forked = book(*arguments, cwd=tmp_path, data="sample")
    assert forked.returncode == started.returncode
    assert forked.stdout.replace("cli.py", "book") == started.stdout.replace("cli.py", "book")


def test_a_forked_command_has_its_variables_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOOK_DATA", "sample")
    before, folder = dict(os.environ), Path.cwd()
    said = book("data", cwd=tmp_path, data=tmp_path / "nowhere")
    assert said.returncode == 1 and str(tmp_path / "nowhere") in said.stdout
    assert (dict(os.environ), Path.cwd()) == (before, folder)
    spent = command.Spent.seconds
    assert "the packaged sample" in book("data", cwd=tmp_path, data="sample").stdout
    assert sys.platform != "linux" or command.Spent.seconds > spent


@pytest.mark.slow
def test_nothing_that_is_imported_once_imports_keras() -> None:
    """Its threads would be lost in a fork."""
    code = f"import sys, {', '.join(command.IMPORTED)}; print({{'keras', 'tensorflow', 'jax'}} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def one(*marks: str, fixtures: tuple[str, ...] = ()) -> Any:
    """A test with some marks and fixtures."""
    names = list(marks)
    return SimpleNamespace(
        get_closest_marker=lambda name: name if name in names else None,
        add_marker=lambda mark: names.append(mark.name),
        fixturenames=fixtures,
        names=names,
        nodeid="a test",
    )


def work(seconds: float) -> None:
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def test_a_test_that_is_slow_and_not_marked_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with kept_quick(one(), 0.2):
        pass
    with kept_quick(one("slow"), 0.2):
        work(0.3)
    with pytest.warns(pytest.PytestWarning, match=r"mark it with @pytest\.mark\.slow"), kept_quick(one(), 0.2):
        work(0.3)
    # What a forked command has spent counts too.
    with monkeypatch.context() as patch, pytest.warns(pytest.PytestWarning), kept_quick(one(), 0.2):
        patch.setattr(command.Spent, "seconds", command.Spent.seconds + 1)


def test_a_quick_test_does_not_import_keras(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.delitem(sys.modules, "keras", raising=False)
        with pytest.raises(pytest.fail.Exception, match="imported Keras"), kept_quick(one(), 60):
            patch.setitem(sys.modules, "keras", sys)
        with kept_quick(one(), 60):
            pass  # another test of this process has imported it


def test_what_looks_at_a_site_is_slow_and_the_slow_tests_begin() -> None:
    tests = [one(fixtures=("tmp_path",)), one("slow"), one(fixtures=("built",)), one(fixtures=("page", "chromium"))]
    quick = tests[0]
    conftest.pytest_collection_modifyitems(tests)
    assert tests[-1] is quick and quick.names == []
    assert [test.names for test in tests[:-1]] == [["slow"]] * 3
