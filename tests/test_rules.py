"""The rules of the house that no tool checks by itself."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import ROOT

HOUSE = ("book", "press", "tests")
FILES = sorted(path for folder in HOUSE for path in (ROOT / folder).rglob("*.py"))
OF_BOOK = [path for path in FILES if path.is_relative_to(ROOT / "book")]

#: What reads a page holds one of these; `{{` is how a template writes `{`.
MYST = ("```", ":::", "`{3", ":{3", "{code-cell", "{glue", "{cite", "{solution", "{exercise", "format_name")
#: The page model, which reads MyST; and how many texts with MyST in them another module writes.
MODEL = ("press/myst.py", "press/page.py")
WRITTEN = {"press/site/data.py": 1, "press/site/execution.py": 1}
LIMIT = 60


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imported(tree: ast.AST) -> set[str]:
    """The modules that some code imports, by their full names."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def myst_in(tree: ast.AST) -> list[str]:
    """The constants of some code that hold a construct of MyST, docstrings aside."""
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and node.body
        if isinstance(node.body[0], ast.Expr)
    }
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
    ]
    return [text for text in texts if any(mark in text.replace("\\", "").replace("{{", "{") for mark in MYST)]


def long_functions(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() if (node.end_lineno or 0) - node.lineno + 1 > LIMIT:
                yield node.name


@pytest.mark.parametrize("path", [path for path in FILES if name(path).startswith("press/")], ids=name)
def test_only_the_page_model_reads_myst(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert "jupytext" not in {module.partition(".")[0] for module in imported(tree)}
    if name(path) not in MODEL:
        found = myst_in(tree)
        assert len(found) <= WRITTEN.get(name(path), 0), f"ask press.page.Page instead: {found}"


@pytest.mark.parametrize(
    ("source", "holds"),
    [
        ('re.compile(r"^(`{3,}|:{3,})")', 1),
        ('re.compile(r"^```")', 1),
        ('re.compile(r"\\{glue:text\\}`([^`]+)")', 1),
        ('x = f"```{{code-cell}}\\n{y}"', 1),
        ('"""What ```{note} is."""\nx = "a ` b"', 0),
        ('def f():\n    """A {cite}."""\n    return "format_name: myst" in text', 1),
    ],
)
def test_what_reads_myst_is_seen(source: str, holds: int) -> None:
    assert len(myst_in(ast.parse(source))) == holds


@pytest.mark.parametrize("path", FILES, ids=name)
def test_no_function_is_longer_than_the_limit(path: Path) -> None:
    found = list(long_functions(ast.parse(path.read_text(encoding="utf-8"))))
    assert found == [], f"more than {LIMIT} lines"


def test_a_long_function_is_seen() -> None:
    body = "\n".join("    x = 1" for _ in range(LIMIT - 1))
    assert list(long_functions(ast.parse(f"def short():\n{body}"))) == []
    assert list(long_functions(ast.parse(f"def long():\n{body}\n    x = 2"))) == ["long"]


@pytest.mark.parametrize("path", OF_BOOK, ids=name)
def test_no_module_of_the_book_imports_the_press(path: Path) -> None:
    modules = imported(ast.parse(path.read_text(encoding="utf-8")))
    assert not [module for module in modules if module.partition(".")[0] in ("press", "tests")]


@pytest.mark.slow
def test_the_book_can_be_imported_where_there_is_no_press(tmp_path: Path) -> None:
    modules = [".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in OF_BOOK]
    assert len(modules) > 20
    code = (
        "import importlib, sys\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"
        "sys.modules['press'] = None\n"
        f"for name in {modules!r}:\n    importlib.import_module(name)\n"
        "try:\n    import press.page\nexcept ImportError:\n    print('done')"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.returncode == 0 and result.stdout.endswith("done\n"), result.stderr[-2000:]
