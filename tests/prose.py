"""What every page must be: `python tests/prose.py` names each line that is not, and exits 1 if there is one."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import jupytext

from book import claims

ROOT = Path(__file__).parent.parent
PAGES = [
    ROOT / "index.md",
    ROOT / "results.md",
    *sorted((ROOT / "chapters").glob("*.md")),
    *sorted((ROOT / "exercises").glob("*.md")),
]

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
GLUED = re.compile(r"\{glue:text\}`([^`:]+)")


def problems(path: Path) -> list[str]:
    """One line for each thing on a page that breaks a rule: ``file:line: what``."""
    text = path.read_text(encoding="utf-8")
    name = path.relative_to(ROOT).with_suffix("").as_posix() if path.is_relative_to(ROOT) else path.stem
    found = [f"{path.name}:{line}: {what}" for line, what in _prose(text)]
    found += [f"{path.name}: {what}" for what in [*_claims(text, name), *_cells(text)]]
    if "html_meta" not in text.split("\n---", 1)[0]:
        found.append(f"{path.name}: the front matter has no description (myst: html_meta)")
    return found


def _prose(text: str) -> list[tuple[int, str]]:
    """Unwanted words, and measured numbers typed by hand, outside code, formulas and front matter."""
    found, fence, questions = [], "", False
    lines = text.splitlines()
    body = lines.index("---", 1) + 1 if lines and lines[0] == "---" else 0
    for number, line in enumerate(lines[body:], body + 1):
        if not fence and (opening := re.match(r"(`{3,})\{?(code-cell|math|code-block|bibliography|shell|\w*\})", line)):
            fence = opening[1] if "admonition" not in line and "note" not in line and "tip" not in line else ""
        elif fence:
            fence = "" if line.strip() == fence else fence
            continue
        if not fence:
            prose = re.sub(r"`[^`]*`|\$[^$]*\$", "", line)
            if match := UNWANTED.search(prose):
                found.append((number, f"unwanted: {match[0]!r}"))
            # Questions speak of imagined networks, and may give them any number.
            questions = line == "## Questions" if line.startswith("## ") else questions
            if not questions and (match := MEASURED.search(prose)) and "{cite" not in _around(lines, number):
                found.append((number, f"a measured number typed by hand? {match[0]!r}: show a claim, or cite it"))
    return found


def _around(lines: list[str], number: int) -> str:
    return " ".join(lines[max(0, number - 3) : number + 3])


def _claims(text: str, page: str) -> list[str]:
    """Claims shown but not registered on the page, registered but not defined, or defined but not registered."""
    shown = set(GLUED.findall(text))
    defined = {one.id for one in claims.definitions().values() if one.page == page}
    registered = set(re.findall(r'claim\(\s*"([^"]+)"(?! *\+)', text))
    # One call in a loop registers several: claim(f"cnn-{name}", ...) or claim("cnn-" + name, ...).
    patterns = re.findall(r'claim\(\s*f"([^"]+)"', text)
    patterns += [f"{start}{{}}" for start in re.findall(r'claim\(\s*"([^"]+)" *\+', text)]
    for pattern in patterns:
        registered |= {name for name in defined if re.fullmatch(re.sub(r"\{[^}]*\}", ".+", pattern), name)}
    return [
        *(f"shows {name}, which no cell registers" for name in sorted(shown - registered)),
        *(f"registers {name}, which claims.toml does not define for it" for name in sorted(registered - defined)),
        *(f"does not register {name}, which claims.toml defines for it" for name in sorted(defined - registered)),
    ]


def _cells(text: str) -> list[str]:
    """Outputs in the source, and figures without a caption, a name or an alternative text."""
    found = []
    for cell in jupytext.reads(text, fmt="md:myst").cells:
        if cell.cell_type != "code":
            continue
        start = cell.source.strip().splitlines()[0] if cell.source.strip() else "(empty cell)"
        if cell.get("outputs"):
            found.append(f"the source holds outputs: {start}")
        options = cell.metadata.get("mystnb", {})
        draws = re.search(r"plt\.show\(|plots\.(training_curves|image_grid|confusion_matrix)\(", cell.source)
        if draws and not re.search(r"^\s*def ", cell.source, re.M):
            figure, image = options.get("figure", {}), options.get("image", {})
            found += [
                f"a figure has no {what}: {start}"
                for what, there in [
                    ("caption", figure.get("caption")),
                    ("name", figure.get("name")),
                    ("alternative text", image.get("alt")),
                ]
                if not there
            ]
        if re.search(r"^\s*[!%]|\bpip install\b", cell.source, re.M):
            found.append(f"a page does not install or run magics: {start}")
    return found


def main() -> int:
    """Check every page."""
    found = [line for path in PAGES for line in problems(path)]
    print(*found, sep="\n", end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
