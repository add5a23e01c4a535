"""The package ``book`` as a wheel, which every notebook installs where it is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from press import dependencies
from press.page import PageError

#: What says what the package is.
DESCRIPTION = ("pyproject.toml", "README.md", "LICENSE")


def wheel_name() -> str:
    """The file name of the package."""
    from importlib.metadata import metadata

    about = metadata("deep-learning-by-running-it")
    return f"{about['Name'].replace('-', '_')}-{about['Version']}-py3-none-any.whl"


def build_wheel(root: Path, folder: Path) -> Path:
    """Build the package that the notebooks import, unless the one in the folder is made of these files.

    Raises:
        PageError: The package cannot be built; the message holds what pip said.
    """
    if _is_made_of(root, folder / wheel_name()):
        return folder / wheel_name()
    # In a copy, since a build leaves files behind.
    with tempfile.TemporaryDirectory() as work:
        shutil.copytree(dependencies.PACKAGE, Path(work, "book"), ignore=shutil.ignore_patterns("__pycache__"))
        for name in DESCRIPTION:
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


def _is_made_of(root: Path, wheel: Path) -> bool:
    """Whether a wheel holds the files of the package as they are now, and is newer than what describes it."""
    if not wheel.is_file() or any((root / name).stat().st_mtime > wheel.stat().st_mtime for name in DESCRIPTION):
        return False
    with zipfile.ZipFile(wheel) as archive:
        held = {name: archive.read(name) for name in archive.namelist() if name.startswith("book/")}
    files = (path for path in dependencies.PACKAGE.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return held == {path.relative_to(dependencies.PACKAGE.parent).as_posix(): path.read_bytes() for path in files}
