"""What a page's outputs depend on besides its own cells: the ``book`` modules it uses, and a fingerprint of it all."""

from __future__ import annotations

import ast
import hashlib
import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import book
from book.datasets.dataset import datasets
from book.datasets.sources import Source
from press.page import Page, plain_python

PACKAGE = Path(book.__file__).parent
DATASETS = "book.datasets"
#: The versions that a page is executed with. The tools that record and test decide nothing of what it shows.
LOCKS = ("requirements.lock", "requirements-data.lock", "requirements-gpu.lock")
#: What a module reads besides its own code, and which lines of it.
READS = {
    "plots.py": ("figures.mplstyle", ""),
    "recorded.py": ("recorded.json", '{"page": "chapters/'),  # a pending run begins otherwise
    "explorers/widget.py": ("explorers/*.[jc]s*", ""),  # modules and style sheet
    "sweeps/runs.py": ("sweeps/runs.jsonl", ""),
}


def modules(*sources: str) -> set[Path]:
    """The files of the ``book`` package that some pieces of Python code use, directly or through one another.

    These are the modules that they import, and those of the checks that they call: a module of checks may be imported
    only when one of its checks is called.
    """
    return {path for path in _followed(*sources) if path}


def datasets_used(page: Page) -> frozenset[str]:
    """The datasets that a page uses: those that it or the modules it uses import; all, where one imports the package.

    Modules that ask every dataset, such as :mod:`book.datasets.sources`, find them at run time and import none.
    """
    known = {each.name for each in datasets()}
    used: set[str] = set()
    for name in frozenset[str]().union(*_followed(*_code(page)).values()):
        if name in (DATASETS, f"{DATASETS}.*"):
            return frozenset(known)
        if name.startswith(f"{DATASETS}."):
            used |= {name.split(".")[2]} & known
    return frozenset(used)


def fingerprint(page: Page, root: Path, source: Source) -> str:
    """A hash of what a page's outputs depend on besides its own cells.

    These are the files of ``book`` that it uses, the module that records how it was executed, the versions in the
    locks, Keras's backend, the data of the datasets that it uses, and, where it asks for it, whether the data in use is
    the full data. A change of any of them must execute it again.

    Args:
        page: The page.
        root: The folder that holds the locks.
        source: The data in use.
    """
    used = modules(*_code(page))
    digest = hashlib.sha256()
    for path in (*(root / lock for lock in LOCKS), PACKAGE / "passport.py", PACKAGE / "outputs.py"):
        digest.update(_file_hash(path).encode())
    digest.update(os.environ.get("KERAS_BACKEND", "tensorflow").encode())
    for path in sorted(used):
        digest.update(f"{path.relative_to(PACKAGE)} {_file_hash(path)}\n".encode())
    for module, (files, mark) in READS.items():
        if PACKAGE / module in used:
            for file in sorted(PACKAGE.glob(files)):
                lines = file.read_text(encoding="utf-8").splitlines()
                digest.update("\n".join(line for line in lines if mark in line).encode())
    if _asks_how_much(page):
        digest.update(source.name.encode())
    digest.update(source.fingerprint(datasets_used(page)).encode())
    return digest.hexdigest()[:20]


def _asks_how_much(page: Page) -> bool:
    """Whether a page, or a module that it uses, asks for the source of the data, as datasets themselves do."""
    named = [
        names for path, names in _followed(*_code(page)).items() if not path or path.parent != PACKAGE / "datasets"
    ]
    return any(name.startswith(f"{DATASETS}.sources") for name in frozenset[str]().union(*named))


def dependencies(page: Page) -> set[Path]:
    """The files of the ``book`` package that a page's outputs depend on: modules, and what these read."""
    used = modules(*_code(page))
    read = {file for module, (files, _) in READS.items() if PACKAGE / module in used for file in PACKAGE.glob(files)}
    return used | read


def _code(page: Page) -> list[str]:
    """The code cells of a page."""
    return [plain_python(cell.source) for cell in page.code_cells]


def _followed(*sources: str) -> dict[Path | None, frozenset[str]]:
    """What some pieces of code (under None) and each file of ``book`` that they use name of the package ``book``."""
    named: dict[Path | None, frozenset[str]] = {
        None: frozenset[str]().union(*(_named(source, package="") for source in sources))
    }
    todo = _files(named[None])
    while todo:
        path = todo.pop()
        if path not in named:
            package = ".".join(path.relative_to(PACKAGE.parent).parent.parts)
            named[path] = _named(path.read_text(encoding="utf-8"), package)
            todo |= _files(named[path])
    return named


@cache
def _named(source: str, package: str) -> frozenset[str]:
    """The dotted names of the package ``book`` that some code inside ``package`` imports, or whose checks it calls."""
    names: set[str] = set()
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return frozenset()  # the kernel reports it, with its page and its cell
    for node in ast.walk(tree):
        match node:
            case ast.Import():
                names |= {alias.name for alias in node.names}
            case ast.ImportFrom():
                parents = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
                base = ".".join([*parents, *([node.module] if node.module else [])])
                names |= {f"{base}.{alias.name}" for alias in node.names}
            case ast.Call(
                func=ast.Name("check") | ast.Attribute(attr="check"), args=[ast.Constant(str(check)), *_]
            ) if "/" in check:
                names.add(f"{PACKAGE.name}.checks.{check.partition('/')[0].replace('-', '_')}")
    return frozenset(name for name in names if name.split(".")[0] == PACKAGE.name)


def _files(names: Iterable[str]) -> set[Path]:
    """The files of the package ``book`` that importing some names runs: of `a.b.c`, a/__init__.py and so on."""
    parts = [name.split(".") for name in names]
    bases = {PACKAGE.parent.joinpath(*each[:end]) for each in parts for end in range(1, len(each) + 1)}
    return {path for base in bases for path in (base.with_suffix(".py"), base / "__init__.py") if path.is_file()}


@cache
def _file_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
