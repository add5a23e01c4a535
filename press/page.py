"""The pages of the book as programs: their code cells, the ``book`` modules they use, and a fingerprint of it all."""

from __future__ import annotations

import ast
import hashlib
import os
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import book

PACKAGE = Path(book.__file__).parent
DATASETS = PACKAGE / "datasets" / "__init__.py"
#: What a module reads besides its own code, and which lines of it.
READS = {
    "plots.py": ("figures.mplstyle", ""),
    "recorded.py": ("recorded.json", '"page": "chapters/'),
    "explorers/widget.py": ("explorers/*.[jc]s*", ""),  # modules and style sheet
    "sweeps/recorded.py": ("sweeps/recorded.jsonl", ""),
}


class PageError(Exception):
    """A page is not written as it must be; the message names the page and what is wrong."""


@dataclass(frozen=True)
class Cell:
    """One code cell: its source, and whether it only draws a figure."""

    source: str
    figure: bool


def code_cells(text: str) -> list[Cell]:
    """The code cells of a MyST notebook, in order.

    Args:
        text: The source of the page, with its front matter.
    """
    import jupytext  # slow to import, and not needed in a kernel

    notebook = jupytext.reads(text, fmt="md:myst")
    return [
        Cell(cell.source, figure="figure" in cell.metadata.get("mystnb", {}))
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


def is_executed(text: str) -> bool:
    """Whether a page is a notebook: its front matter says so to Jupytext, and so to myst-nb."""
    head, _, _ = text.removeprefix("---\n").partition("\n---")
    return text.startswith("---\n") and "format_name: myst" in head


#: A worked solution, with the directives around it.
SOLUTION = re.compile(r"^(`{3,})\{solution-start\} (\S+)\n.*?^\1\{solution-end\}\n\1\n?", re.MULTILINE | re.DOTALL)


def without_solutions(text: str) -> str:
    """A page of exercises without its solutions.

    Raises:
        PageError: A solution is opened and not closed, or the other way round.
    """
    text = SOLUTION.sub("", text)
    if left := re.search(r"^`{3,}\{solution-\w+\}.*", text, re.MULTILINE):
        raise PageError(f"a solution that is not opened and closed: {left[0]}")
    return text


def page_text(name: str) -> str:
    """The source of a page named like ``chapters/cnn``, relative to the current folder.

    Raises:
        FileNotFoundError: There is no such page here; the message says where pages are looked for.
    """
    path = Path(f"{name}.md")
    if not path.is_file():
        raise FileNotFoundError(f"no page {path} in {Path.cwd()}: run this in the folder of _config.yml")
    return path.read_text(encoding="utf-8")


def computation(text: str) -> str:
    """The code of a page without the cells that only draw: what decides its numbers."""
    return "\n\n".join(cell.source for cell in code_cells(text) if not cell.figure)


def modules(source: str) -> set[Path]:
    """The files of the ``book`` package that some Python code imports, directly or through one another."""
    found: set[Path] = set()
    todo = _imported(source, package="")
    while todo:
        path = todo.pop()
        if path not in found:
            found.add(path)
            package = ".".join(path.relative_to(PACKAGE.parent).parent.parts)
            todo |= _imported(path.read_text(encoding="utf-8"), package)
    return found


def _imported(source: str, package: str) -> set[Path]:
    """The files of the ``book`` package named by the import statements of some code inside ``package``."""
    names: set[str] = set()
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return set()  # the kernel reports it, with its page and its cell
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*parents, *([node.module] if node.module else [])])
            names |= {base} | {f"{base}.{alias.name}" for alias in node.names}
    paths: set[Path] = set()
    for name in names:
        parts = name.split(".")
        if parts[0] == PACKAGE.name:
            # `import a.b.c` runs a/__init__.py and a/b/__init__.py as well.
            for end in range(1, len(parts) + 1):
                base_path = PACKAGE.parent.joinpath(*parts[:end])
                paths |= {path for path in (base_path.with_suffix(".py"), base_path / "__init__.py") if path.is_file()}
    return paths


def fingerprint(text: str, root: Path, data: str) -> str:
    """A hash of what a page's outputs depend on besides its own cells.

    These are the files of ``book`` that it imports, the module that records how it was executed, the versions in the
    locks, Keras's backend, and, where it loads a dataset, the data. A change of any of them must execute it again.

    Args:
        text: The source of the page.
        root: The folder that holds ``requirements.lock`` and ``requirements-gpu.lock``.
        data: What identifies the data in use.
    """
    used = _used(text)
    digest = hashlib.sha256()
    for path in (*sorted(root.glob("requirements*.lock")), PACKAGE / "passport.py"):
        digest.update(_file_hash(path).encode())
    digest.update(os.environ.get("KERAS_BACKEND", "tensorflow").encode())
    for path in sorted(used):
        digest.update(f"{path.relative_to(PACKAGE)} {_file_hash(path)}\n".encode())
    for module, (files, mark) in READS.items():
        if PACKAGE / module in used:
            for file in sorted(PACKAGE.glob(files)):
                lines = file.read_text(encoding="utf-8").splitlines()
                digest.update("\n".join(line for line in lines if mark in line).encode())
    if DATASETS in used:
        digest.update(data.encode())
    return digest.hexdigest()[:20]


def uses_data(text: str) -> bool:
    """Whether a page loads one of the datasets."""
    return DATASETS in _used(text)


def dependencies(text: str) -> set[Path]:
    """The files of the ``book`` package that a page's outputs depend on: modules, and what these read."""
    used = _used(text)
    read = {file for module, (files, _) in READS.items() if PACKAGE / module in used for file in PACKAGE.glob(files)}
    return used | read


def _used(text: str) -> set[Path]:
    """The files of the ``book`` package that a page uses."""
    return set().union(*(modules(cell.source) for cell in code_cells(text)))


@cache
def _file_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
