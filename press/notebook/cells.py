"""The code cells of a notebook: those of its page, without what registers claims."""

from __future__ import annotations

import ast
from dataclasses import replace

from press.page import Cell, Page, plain_python

#: Stands for a line of code that is taken out.
STRUCK = "\0"


def without_claims(page: Page) -> list[Cell]:
    """The cells without what registers claims: that is the site's business, and would puzzle a learner.

    A cell that the site removes is dropped altogether, unless it defines a name that a later cell uses.

    Raises:
        PageError: A claim is registered in a cell whose magics hide its lines.
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
    return kept


def _without_claim_calls(page: Page, cell: Cell) -> str:
    lines = cell.source.splitlines()
    if cell.tree is None:
        return cell.source
    if len(plain_python(cell.source).splitlines()) != len(lines):
        if any(cell.calls("claim")):
            raise page.error(cell.line, "a claim beside a magic that goes over lines: give it a cell of its own")
        return cell.source

    def strike(body: list[ast.stmt]) -> None:
        for node in body:
            if _registers(node):
                last = node.end_lineno or node.lineno
                lines[node.lineno - 1 : last] = [STRUCK] * (last - node.lineno + 1)
            else:
                strike(getattr(node, "body", []))

    strike(cell.tree.body)
    return "\n".join(line for line in lines if line != STRUCK).strip()


def _registers(node: ast.stmt) -> bool:
    """Whether a statement does nothing but register claims."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return getattr(node.value.func, "id", "") == "claim"
    if isinstance(node, ast.For | ast.If) and not node.orelse:
        return all(_registers(each) for each in node.body)
    return isinstance(node, ast.ImportFrom) and node.module == "book.claims"
