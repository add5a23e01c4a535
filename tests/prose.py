"""What every page must be: `python tests/prose.py` names each line that is not, and exits 1 if there is one."""

from __future__ import annotations

import ast
import fnmatch
import re
import sys
from pathlib import Path

from book import claims
from press.contents import Contents
from press.page import Page, plain_python

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / f"{name}.md" for name in Contents.read(ROOT).pages]
#: Functions that draw.
DRAWING = ("show", "training_curves", "image_grid", "confusion_matrix")

# Words that add nothing, or that tell a reader who is stuck that it was easy.
UNWANTED = re.compile(
    r"\b(simply|obviously|trivially|of course|powerful|magic\w*|amazing\w*|revolutionary|delve\w*|leverag\w+"
    r"|cutting-edge|state-of-the-art|seamless\w*|very unique|it is worth noting|needless to say)\b|!(?=\s|$)|—",
    re.IGNORECASE,
)
# A figure of merit: a percentage, or a decimal fraction, after a word that says what was measured.
MEASURED = re.compile(
    r"\b(accuracy|loss|error|reaches|reached|gets|scores?)\b[^.;{]{0,40}?\b(0?\.\d\d+|\d+(\.\d+)? ?(%|per cent))",
    re.I,
)


def problems(path: Path) -> list[str]:
    """One line for each thing on a page that breaks a rule: ``file:line: what``."""
    name = path.relative_to(ROOT).with_suffix("").as_posix() if path.is_relative_to(ROOT) else path.stem
    page = Page(name, path.read_text(encoding="utf-8"))
    found = [*_prose(page), *_claims(page), *_cells(page)]
    if not page.front_matter.get("myst", {}).get("html_meta", {}).get("description"):
        found.append((1, "the front matter has no description (myst: html_meta)"))
    return [f"{path.name}:{line}: {what}" for line, what in found]


def _prose(page: Page) -> list[tuple[int, str]]:
    """Unwanted words, and measured numbers typed by hand, outside code, formulas and roles."""
    found = []
    cited = [role.line for role in page.roles if role.name.startswith("cite")]
    titles = [(each.line, each.argument) for each in page.directives if each.name in ("admonition", "dropdown")]
    for number, line in [*(each for text in page.texts for each in text.prose()), *titles]:
        if match := UNWANTED.search(line):
            found.append((number, f"unwanted: {match[0]!r}"))
        # Questions speak of imagined networks, and may give them any number.
        asked = page.section(number) == "Questions"
        near = any(-3 < at - number <= 3 for at in cited)
        if not asked and not near and (match := MEASURED.search(line)):
            found.append((number, f"a measured number typed by hand? {match[0]!r}: show a claim, or cite it"))
    return found


def _claims(page: Page) -> list[tuple[int, str]]:
    """Claims shown but not registered on the page, registered but not defined, or defined but not registered."""
    shown = {role.content.partition(":")[0]: role.line for role in page.claims_shown}
    defined = {one.id for one in claims.definitions().values() if one.page == page.name}
    registered: dict[str, int] = {}
    # One call in a loop registers several: claim(f"cnn-{name}", ...) or claim("cnn-" + name, ...).
    for call in page.calls("claim"):
        names = fnmatch.filter(defined, call.argument) if "*" in call.argument else [call.argument]
        registered |= dict.fromkeys(names, call.line)
    return [
        *((line, f"shows {name}, which no cell registers") for name, line in shown.items() if name not in registered),
        *(
            (line, f"registers {name}, which claims.toml does not define for it")
            for name, line in registered.items()
            if name not in defined
        ),
        *(
            (1, f"does not register {name}, which claims.toml defines for it")
            for name in sorted(defined - set(registered))
        ),
    ]


def _cells(page: Page) -> list[tuple[int, str]]:
    """Figures without a caption, a name or an alternative text, and cells that install or run magics."""
    found = []
    for cell in page.code_cells:
        draws = any(call for name in DRAWING for call in cell.calls(name))
        defines = any(isinstance(node, ast.FunctionDef) for node in (cell.tree.body if cell.tree else []))
        if draws and not defines:
            figure, image = cell.figure or {}, cell.metadata.get("mystnb", {}).get("image", {})
            found += [
                (cell.line, f"a figure has no {what}")
                for what, there in [
                    ("caption", figure.get("caption")),
                    ("name", figure.get("name")),
                    ("alternative text", image.get("alt")),
                ]
                if not there
            ]
        if plain_python(cell.source) != cell.source or "pip install" in cell.source:
            found.append((cell.line, "a page does not install or run magics"))
    return found


def main() -> int:
    """Check every page."""
    found = [line for path in PAGES for line in problems(path)]
    print(*found, sep="\n", end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
