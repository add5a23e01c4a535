"""ARCHITECTURE.md is true: its drawing holds the imports that there are and no others, and none goes in a circle."""

from __future__ import annotations

import ast
import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from conftest import ROOT

MAP = ROOT / "ARCHITECTURE.md"


def modules(root: Path) -> dict[str, Path]:
    """The modules of both packages by their full name."""
    return {
        ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): path
        for package in ("book", "press")
        for path in sorted((root / package).rglob("*.py"))
    }


def imports(root: Path) -> dict[str, set[str]]:
    """For each module the modules of both packages that its statements import, inside functions too."""
    known = modules(root)
    found: dict[str, set[str]] = {}
    for name, path in known.items():
        wanted: set[str] = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                wanted |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                assert not node.level, f"{name}: write imports in full"
                module = node.module or ""
                # `from package import module` imports the module; a name inside a module is the module's.
                wanted |= {
                    f"{module}.{each.name}" if f"{module}.{each.name}" in known else module for each in node.names
                }
        found[name] = (wanted & known.keys()) - {name}
    return found


def circle(graph: dict[str, set[str]]) -> list[str]:
    """The modules of a circle, or nothing."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def unit(module: str) -> str:
    """What a module is drawn as: its package's part."""
    return ".".join(module.split(".")[:2])


def drawn(text: str) -> set[tuple[str, str]]:
    """The arrows of the drawing."""
    [drawing] = re.findall(r"```mermaid\n(.*?)```", text, re.DOTALL)
    return {
        (start, end)
        for start, ends in re.findall(r"^ *([\w.]+) --> (.+)$", drawing, re.MULTILINE)
        for end in re.findall(r"[\w.]+", ends)
    }


def arrows(graph: dict[str, set[str]]) -> set[tuple[str, str]]:
    """The imports between parts. What every module imports, the package itself, is not drawn."""
    return {
        (unit(start), unit(end))
        for start, ends in graph.items()
        for end in ends
        if unit(start) != unit(end) and "." in start and "." in end
    }


def test_the_drawing_is_the_code() -> None:
    there, here = drawn(MAP.read_text(encoding="utf-8")), arrows(imports(ROOT))
    assert sorted(here - there) == [], "imports that ARCHITECTURE.md does not draw"
    assert sorted(there - here) == [], "arrows of ARCHITECTURE.md that nothing imports"


def test_no_import_goes_in_a_circle() -> None:
    graph = imports(ROOT)
    assert circle(graph) == []
    parts: dict[str, set[str]] = {}
    for start, end in arrows(graph):
        parts.setdefault(start, set()).add(end)
    assert circle(parts) == []


def test_every_part_of_the_tree_has_its_sentence() -> None:
    text = MAP.read_text(encoding="utf-8")
    [tree] = re.findall(r"```text\n(.*?)```", text, re.DOTALL)
    for module in {unit(name) for name in modules(ROOT) if "." in name}:
        assert re.search(rf"\b{module.split('.')[1]}(\.py|/) +\S", tree), f"{module} is not in ARCHITECTURE.md's tree"


def test_circles_and_missing_arrows_are_seen(tmp_path: Path) -> None:
    (tmp_path / "book/a").mkdir(parents=True)
    (tmp_path / "press").mkdir()
    (tmp_path / "book/a/__init__.py").write_text("")
    (tmp_path / "book/a/one.py").write_text("def f():\n    from book.b import g\n")
    (tmp_path / "book/b.py").write_text("import book.a.one\n")
    graph = imports(tmp_path)
    assert set(circle(graph)) == {"book.a.one", "book.b"}
    assert arrows(graph) == {("book.a", "book.b"), ("book.b", "book.a")}
    assert drawn("```mermaid\nflowchart TD\n  book.a --> book.b & book.c\n```") == {
        ("book.a", "book.b"),
        ("book.a", "book.c"),
    }
    (tmp_path / "book/b.py").write_text("from book import a\n")
    assert arrows(imports(tmp_path)) == {("book.a", "book.b"), ("book.b", "book.a")}
    (tmp_path / "book/b.py").write_text("from . import a\n")
    with pytest.raises(AssertionError, match="in full"):
        imports(tmp_path)
