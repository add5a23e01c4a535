"""Find a browser for the tests, or install one: `python tests/browser.py` prints where it is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
MAC = ("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",)


def starts(path: str) -> bool:
    """Whether a browser runs: on Ubuntu, ``chromium-browser`` may only say that it wants to be installed."""
    return subprocess.run([path, "--version"], capture_output=True, timeout=60, check=False).returncode == 0


def installed() -> str | None:
    """The path of an installed Chromium or Chrome: on the PATH, on a Mac's disk, or Playwright's own."""
    from playwright.sync_api import sync_playwright

    for name in (*NAMES, *MAC):
        if (path := shutil.which(name)) and starts(path):
            return path
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).is_file() else None


def main() -> str:
    """Return the path of a browser, installed now if there was none.

    Debian's package is taken where it may be installed, else Playwright's build.
    """
    if found := installed():
        return found
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        print("Installing Debian's chromium for the browser tests ...", flush=True)
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        subprocess.run(["apt-get", "install", "-y", "-qq", "chromium"], check=False, stdout=subprocess.DEVNULL)
    if not (found := installed()):
        print("Installing Playwright's Chromium for the browser tests ...", flush=True)
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    if not (found := found or installed()):
        sys.exit("No browser can be had, and the site is tested in one: install Chromium or Chrome, then try again.")
    return found


if __name__ == "__main__":
    print("browser:", main())
