"""The package ``book`` as a wheel, which every notebook installs where it is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from press import dependencies
from press.page import PageError


def wheel_name() -> str:
    """The file name of the package."""
    from importlib.metadata import metadata

    about = metadata("deep-learning-by-running-it")
    return f"{about['Name'].replace('-', '_')}-{about['Version']}-py3-none-any.whl"


def build_wheel(root: Path, folder: Path) -> Path:
    """Build the package that the notebooks import.

    Raises:
        PageError: The package cannot be built; the message holds what pip said.
    """
    # In a copy, since a build leaves files behind.
    with tempfile.TemporaryDirectory() as work:
        shutil.copytree(dependencies.PACKAGE, Path(work, "book"), ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(root / name, work)
        command = [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "--quiet",
            "--no-deps",
            "--no-build-isolation",
            "-w",
            work,
            work,
        ]
        environment = {**os.environ, "SOURCE_DATE_EPOCH": "315532800"}  # 1980, the first day that an archive can hold
        result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if result.returncode:
            raise PageError(f"the package could not be built:\n{result.stderr}")
        return Path(shutil.copy(Path(work, wheel_name()), folder))
