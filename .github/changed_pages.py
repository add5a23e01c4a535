"""Say which pages a change touches.

git diff --name-only BASE HEAD > changed.txt && python .github/changed_pages.py changed.txt

A page changes with its source, and with the modules of the package that it uses; every page with the look of the site.
"""

from __future__ import annotations

import sys
from pathlib import Path

from press import dependencies
from press.contents import Contents

ROOT = Path(__file__).parent.parent
#: What all pages are made with.
COMMON = (
    "_config.yml",
    "_toc.yml",
    "assets/",
    "book/claims.toml",
    "press/",
    "references.bib",
    *dependencies.LOCKS,
)


def changed(names: set[str]) -> list[str]:
    """The pages, without their ending, that files of these names change."""
    found = []
    for page in Contents.read(ROOT).read_pages(ROOT):
        own = {path.relative_to(ROOT).as_posix() for path in dependencies.dependencies(page)}
        if {f"{page.name}.md", *own} & names or any(name.startswith(COMMON) for name in names):
            found.append(page.name)
    return sorted(found)


def main() -> None:
    """Print a list in Markdown."""
    names = set(Path(sys.argv[1]).read_text(encoding="utf-8").splitlines())
    found = changed(names)
    print("### Pages that change\n")
    print("\n".join(f"- `{page}.html`" for page in found) if found else "None.")
    print("\nThe artifact *preview* of this run holds the site: download it, unpack it, open the pages in it.")


if __name__ == "__main__":
    main()
