"""What a page's outputs depend on besides its own cells: the ``book`` modules it uses, and a fingerprint of it all."""

from __future__ import annotations

import ast
import hashlib
import os
from functools import cache
from pathlib import Path

import book
from press.page import code_cells

PACKAGE = Path(book.__file__).parent
DATASETS = PACKAGE / "datasets" / "__init__.py"
#: What a module reads besides its own code, and which lines of it.
READS = {
    "plots.py": ("figures.mplstyle", ""),
    "recorded.py": ("recorded.json", '"page": "chapters/'),
    "explorers/widget.py": ("explorers/*.[jc]s*", ""),  # modules and style sheet
    "sweeps/recorded.py": ("sweeps/recorded.jsonl", ""),
}


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

    These are the files of ``book`` that it imports, those of its hidden last cell, the versions in the
    locks, Keras's backend, and, where it loads a dataset, the data. A change of any of them must execute it again.

    Args:
        text: The source of the page.
        root: The folder that holds ``requirements.lock`` and ``requirements-gpu.lock``.
        data: What identifies the data in use.
    """
    used = _used(text)
    digest = hashlib.sha256()
    for path in (*sorted(root.glob("requirements*.lock")), PACKAGE / "passport.py", PACKAGE / "outputs.py"):
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
