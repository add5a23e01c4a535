"""The list of what builds wrote, beside the site: nothing else is removed, and nothing else is handed out."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

#: The list, beside the folder of the site: a path on each line, from the folder that holds both.
FILE = "written.txt"


def read(site: Path) -> set[Path]:
    """The files that builds have written and that are still there.

    Args:
        site: The folder of the built site.

    Returns:
        Their paths, in the site and beside it; empty if no build has written a list.
    """
    file = site.parent / FILE
    names = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    inside = (name for name in names if not PurePosixPath(name).is_absolute() and ".." not in PurePosixPath(name).parts)
    return {path for name in inside if (path := site.parent / name).is_file()}


def write(site: Path, files: Iterable[Path]) -> None:
    """Write the list, without what is not there.

    Args:
        site: The folder of the built site.
        files: Paths, in the site or beside it.
    """
    names = sorted(path.relative_to(site.parent).as_posix() for path in files if path.is_file())
    (site.parent / FILE).write_text("".join(f"{name}\n" for name in names), encoding="utf-8", newline="\n")
