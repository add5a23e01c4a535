"""The code cells of a notebook: those of its page, without what registers claims."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

from press.page import Cell, Page, plain_python

#: Stands for a line of code that is taken out.
STRUCK = "\0"
#: The import that is taken out: the name, and no other name for it.
CLAIM = ("claim", None)
#: How to write what is taken out.
ALONE = (
    "write `from book.claims import claim`, and `claim(...)` on lines of their own, no more inside than loops and ifs"
)


@lru_cache(maxsize=256)
def without_claims(page: Page) -> tuple[Cell, ...]:
    """The cells without what registers claims: that is the site's business, and would puzzle a learner.

    A cell that the site removes is dropped altogether, unless it defines a name that a later cell uses.

    Raises:
        PageError: A claim is registered in a cell whose magics hide its lines, or where it cannot be taken out alone.
    """
    kept: list[Cell] = []
    used: set[str] = set()
    for cell in reversed(page.cells):
        if cell.kind == "code":
            cell = replace(cell, source=_without_claim_calls(page, cell))
            nodes = list(ast.walk(cell.tree or ast.Module([], [])))
            names = [node for node in nodes if isinstance(node, ast.Name)]
            defined = {node.id for node in names if isinstance(node.ctx, ast.Store)}
            defined |= {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
            if not cell.source or ("remove-cell" in cell.tags and not defined & used):
                continue
            used |= {node.id for node in names if isinstance(node.ctx, ast.Load)}
        kept.insert(0, cell)
    return tuple(kept)


def _without_claim_calls(page: Page, cell: Cell) -> str:
    # Python ends a line here only: str.splitlines() ends one also at a form feed, say.
    lines = cell.source.split("\n")
    if cell.tree is None:
        return cell.source
    if plain_python(cell.source).rstrip("\n").count("\n") != cell.source.rstrip("\n").count("\n"):
        if any(cell.calls("claim")):
            raise page.error(cell.line, "a claim beside a magic that goes over lines: give it a cell of its own")
        return cell.source
    struck = list(_struck(page, cell, cell.tree.body))
    _require_no_claim(page, cell, struck)
    for node in struck:
        last = node.end_lineno or node.lineno
        lines[node.lineno - 1 : last] = [STRUCK] * (last - node.lineno + 1)
    return "\n".join(line for line in lines if line != STRUCK).strip()


def _struck(page: Page, cell: Cell, body: list[ast.stmt], *, is_inner: bool = False) -> Iterator[ast.stmt]:
    """The statements to take out of a body, each with all of its lines."""
    gone = [node for node in body if _registers(node)]
    if is_inner and gone and len(gone) == len(body):
        raise page.error(cell.line + gone[0].lineno - 1, f"nothing is left around this claim: {ALONE}")
    for one, other in pairwise(body):
        if one.end_lineno == other.lineno and (one in gone) is not (other in gone):
            raise page.error(cell.line + other.lineno - 1, f"a claim beside another statement: {ALONE}")
    for node in body:
        if node in gone:
            yield node
        elif isinstance(inner := getattr(node, "body", []), list):
            yield from _struck(page, cell, inner, is_inner=True)


def _require_no_claim(page: Page, cell: Cell, struck: list[ast.stmt]) -> None:
    """Raise an error if something is left that needs :mod:`book.claims`, whose import is taken out."""
    seen = {id(node) for each in struck for node in ast.walk(each)}
    for node in ast.walk(cell.tree or ast.Module([], [])):
        if id(node) in seen:
            if not isinstance(node, ast.ImportFrom) or [(each.name, each.asname) for each in node.names] == [CLAIM]:
                continue
        elif "claim" not in (getattr(node, "id", ""), getattr(node, "attr", "")):
            continue
        line = cell.line + getattr(node, "lineno", 1) - 1
        raise page.error(line, f"what registers claims cannot be taken out of the notebook: {ALONE}")


def _registers(node: ast.stmt) -> bool:
    """Whether a statement does nothing but register claims."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return getattr(node.value.func, "id", "") == "claim"
    if isinstance(node, ast.For | ast.If) and not node.orelse:
        return all(_registers(each) for each in node.body)
    return isinstance(node, ast.ImportFrom) and node.module == "book.claims"
