from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from playwright.sync_api import Browser, sync_playwright

import browser as browser_finder
from press.contents import Contents

ROOT = Path(__file__).parent.parent
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


def book(*arguments: str, cwd: Path, data: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the ``book`` command of this environment, with some more environment variables."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BOOK_")}
    return subprocess.run(
        [sys.executable, "-m", "press.cli", *arguments],
        cwd=cwd,
        env={**environment, "BOOK_DATA": str(data), **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=3000,
    )


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all test processes of a run have in common."""
    own = tmp_path_factory.getbasetemp()
    return own if worker_id == "master" else own.parent


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
