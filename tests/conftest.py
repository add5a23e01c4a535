from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest
from playwright.sync_api import Browser, sync_playwright

import browser as browser_finder

ROOT = Path(__file__).parent.parent
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SOURCES = ignore_patterns(".git", ".venv", "_build", "__pycache__", "tests", ".*_cache", "*.egg-info")
#: The rows of the small data on which the tests build the whole site.
ROWS = 300


def book(*arguments: str, cwd: Path, data: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the ``book`` command of this environment."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BOOK_")}
    return subprocess.run(
        [sys.executable, "-m", "book.cli", *arguments],
        cwd=cwd,
        env={**environment, "BOOK_DATA": str(data)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=1500,
    )


@pytest.fixture(scope="session")
def small_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a few hundred rows of the packaged sample."""
    folder = tmp_path_factory.mktemp("data")
    result = book("data", "export", str(folder), "--rows", str(ROWS), cwd=ROOT, data="sample")
    assert result.returncode == 0, result.stdout
    return folder


@pytest.fixture
def on_small_data(small_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have this process use the small data."""
    monkeypatch.setenv("BOOK_DATA", str(small_data))


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, small_data: Path) -> tuple[Path, str]:
    """A copy of the book built on the small data: its folder, and what the build printed."""
    folder = tmp_path_factory.mktemp("built") / "book"
    copytree(ROOT, folder, ignore=SOURCES)
    result = book("build", cwd=folder, data=small_data)
    assert result.returncode == 0, result.stdout[-5000:]
    return folder, result.stdout


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One headless browser for all tests."""
    path = browser_finder.installed()
    assert path, "no browser: run `python tests/browser.py`"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield running
        running.close()
