from __future__ import annotations

import contextlib
import os
import sys
import warnings
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from playwright.sync_api import Browser, sync_playwright

import browser as browser_finder
import command
from press.contents import Contents

ROOT = Path(__file__).parent.parent
#: Run the ``book`` command.
book = command.book
#: The only list of the pages: `_toc.yml`.
CONTENTS = Contents.read(ROOT)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
#: The data of the site that the tests look at: what BOOK_DATA says, as for `make book`.
DATA = os.environ.get("BOOK_DATA", "auto")
# Where a workflow of GitHub runs the tests: what they build knows no repository but the one that a test gives it.
os.environ.pop("GITHUB_REPOSITORY", None)
#: The rows of the small data on which the tests run code.
ROWS = 300
#: Processor seconds, those of the processes that it starts included, that a test may take which is not marked as slow,
#: and that its fixtures may take. A tiny book with two kernels takes 2.6, an import of Keras 5.
QUICK = 2.5, 4.0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what builds, looks at a built site or opens a browser as slow; and let the slow tests begin."""
    for item in items:
        if {"built", "site", "build", "chromium"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)
    items.sort(key=is_quick)  # the processes of a run end together if what comes last is short


def is_quick(item: pytest.Item) -> bool:
    """Whether `make check` runs a test."""
    return item.get_closest_marker("slow") is None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None]:
    """See that a quick test's fixtures are quick."""
    with kept_quick(item, QUICK[1]):
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """See that a quick test is quick."""
    with kept_quick(item, QUICK[0]):
        yield


@contextlib.contextmanager
def kept_quick(item: pytest.Item, limit: float) -> Iterator[None]:
    """See that a test that is not marked as slow imports no Keras, and warn if it takes long."""
    before, had_keras = processor_seconds(), "keras" in sys.modules
    yield
    spent = processor_seconds() - before
    if is_quick(item) and "keras" in sys.modules and not had_keras:
        pytest.fail("it imported Keras: mark it with @pytest.mark.slow", pytrace=False)
    if is_quick(item) and spent > limit:
        # No failure: how long a test takes is the machine's affair too.
        told = f"{item.nodeid} took {spent:.1f} s of processor time: mark it with @pytest.mark.slow"
        warnings.warn(pytest.PytestWarning(told), stacklevel=1)


def processor_seconds() -> float:
    """The processor seconds of this process and of those that it has started."""
    return sum(os.times()[:4]) + command.Spent.seconds


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all test processes of a run have in common."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def small_data(shared_folder: Path) -> Path:
    """A folder with a few hundred rows of the packaged sample."""
    folder = shared_folder / "small-data"
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            result = book("data", "export", str(folder), "--rows", str(ROWS), cwd=ROOT, data="sample")
            assert result.returncode == 0, result.stdout
    return folder


@pytest.fixture
def on_small_data(small_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have this process use the small data."""
    monkeypatch.setenv("BOOK_DATA", str(small_data))


@pytest.fixture(scope="session")
def built(shared_folder: Path) -> tuple[Path, str]:
    """This book, its site brought up to date by the first process that asks: its folder, and what the build printed."""
    log = shared_folder / "build.log"
    with FileLock(f"{log}.lock"):
        if not log.exists():
            result = book("build", cwd=ROOT, data=DATA)
            assert result.returncode == 0, result.stdout[-5000:]
            log.write_text(result.stdout, encoding="utf-8")
    return ROOT, log.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One headless browser for all tests."""
    path = browser_finder.installed()
    assert path, "no browser: run `python tests/browser.py`"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield running
        running.close()
