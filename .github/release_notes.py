"""Say what a release holds: its section of CHANGELOG.md.

python .github/release_notes.py v0.2.0 > notes.md

It is an error if a file of this version names another one, or the changelog has no section for it. Needs no package.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent


def notes(tag: str, root: Path) -> str:
    """What the changelog says of a tag's version.

    Args:
        tag: For example ``v0.2.0``.
        root: The folder with the changelog, and with the files that name the version.

    Raises:
        ValueError: A file names another version, or there is nothing to say; the message names all that is to be done.
    """
    version = tag.removeprefix("v")
    if not re.fullmatch(r"v\d+\.\d+\.\d+", tag):
        raise ValueError(f"{tag!r} is no tag of a release: write it like v0.2.0")
    wrong = [f"{file} says {said}: set it to {version}" for file, said in versions(root).items() if said != version]
    section = sections((root / "CHANGELOG.md").read_text(encoding="utf-8")).get(version, "")
    if not section:
        wrong.append(f"CHANGELOG.md says nothing of {version}: write a section `## [{version}] - YYYY-MM-DD`")
    if wrong:
        raise ValueError(f"{tag} cannot be released yet:\n- " + "\n- ".join(wrong))
    return section


def versions(root: Path) -> dict[str, str]:
    """Which version each file names that names one."""
    found = {}
    for name in ("pyproject.toml", "press/pyproject.toml"):
        found[name] = tomllib.loads((root / name).read_text(encoding="utf-8"))["project"]["version"]
    citation = re.search(r"^version: (\S+)$", (root / "CITATION.cff").read_text(encoding="utf-8"), re.M)
    found["CITATION.cff"] = citation[1] if citation else "nothing"
    return found


def sections(changelog: str) -> dict[str, str]:
    """The sections of a changelog that have a date, by version."""
    found = {}
    for part in re.split(r"^## ", changelog, flags=re.M)[1:]:
        heading, _, text = part.partition("\n")
        if version := re.fullmatch(r"\[(\S+)\] - \d{4}-\d{2}-\d{2}", heading.strip()):
            found[version[1]] = text.strip()
    return found


if __name__ == "__main__":
    try:
        print(notes(sys.argv[1], ROOT))
    except ValueError as error:
        sys.exit(str(error))
