"""What a page computes, told from how it is written: its syntax tree without layout, comments and reports.

A report is a statement that shows or registers and changes nothing: ``print``, ``display``, ``claim``, a call of
``plt`` or ``plots``, ``model.summary()``, a name at the end of a cell. It is left out. What its arguments do is not:
``print(model.evaluate(...))`` still evaluates, ``print(dropout(x))`` draws random numbers, and ``print(list(it))`` uses
up an iterator. Any other call counts. Where it is in doubt (:mod:`press.record.effects`), a change counts.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from copy import deepcopy
from hashlib import sha256
from typing import Any, NamedTuple

from press.page import pattern_of
from press.record.effects import Effects, imports, names, root

REPORTS = {"claim", "print", "display"}
#: Modules whose calls only draw, where they stand as statements.
FIGURES = {"plt", "plots"}

#: Where a report goes if not to the page: it may be read there.
ELSEWHERE = {"file", "print_fn", None}

#: What a syntax tree holds besides what is computed.
BESIDES = {"ctx", "kind", "type_comment"}


class Computation(NamedTuple):
    """What identifies what a page computes.

    Attributes:
        code: A hash of its statements without reports, in order, and of the imports that they use.
        claims: For each claim a hash of its expression and of what that stands on, by id. An id that is put together
            has a ``*`` for each part that is computed.
    """

    code: str
    claims: dict[str, str]


def computation_of(source: str) -> Computation:
    """Identify what the code of a page computes.

    Raises:
        SyntaxError: It is not Python.
    """
    tree = ast.parse(source)
    effects = Effects(tree)
    kept: list[str] = []
    used: set[str] = set()  # names
    claims: dict[str, list[str]] = {}
    changed: dict[str, int] = {}  # by name, how many statements there were when it last may have changed
    for statement in tree.body:
        bound = [name for name, _ in imports(statement)]
        if bound and all(name in effects.origins for name in bound):
            continue  # what it imports means the same on the whole page
        changes = effects.changed(statement)
        computed = _WithoutReports(effects).visit(deepcopy(statement))
        # Two claims that draw a number each, and are alike, draw others when they change places.
        before = kept.count(_dump(computed)) if computed is not None else 0
        for call in _claims(statement):
            # In a loop or a function, all of that decides, but for what it prints.
            alone = isinstance(statement, ast.Expr) and call is statement.value
            decides: Any = call if alone else _WithoutReports(effects, but="claim").visit(deepcopy(statement))
            reads = effects.read(decides)
            stands_on = sorted((name, changed[name]) for name in reads if name in changed)
            which = f"after {before} alike" if before else ""
            claims.setdefault(_claim_id(call), []).append(
                f"{_dump(decides)}{stands_on}{_origins(effects, reads)}{which}"
            )
        if computed is not None:
            kept.append(_dump(computed))
            used |= names(computed)
            changed.update(dict.fromkeys(changes, len(kept)))
    return Computation(
        _hash("\n".join([*kept, _origins(effects, used)]), 16),
        {name: _hash("\n".join(each), 8) for name, each in claims.items()},
    )


class _WithoutReports(ast.NodeTransformer):
    """Takes the reports out of statements, and leaves what their arguments do."""

    def __init__(self, effects: Effects, but: str = "") -> None:
        self.effects, self.but = effects, but

    def visit_Expr(self, node: ast.Expr) -> ast.Expr | None:
        """Leave a statement as it is, leave it out, or leave the arguments that act."""
        if not self._is_report(node.value) or (self.but and self.but in names(node)):
            return node
        acting = [part for part in _shown(node.value) if not self.effects.only_looks(part)]
        return ast.Expr(ast.Tuple(acting, ast.Load())) if acting else None

    def _is_report(self, node: ast.expr) -> bool:
        """Whether an expression that stands as a statement only shows or registers a value."""
        if not isinstance(node, ast.Call):
            return True
        if any(keyword.arg in ELSEWHERE for keyword in node.keywords):
            return False
        known = REPORTS if isinstance(node.func, ast.Name) else FIGURES
        reports = root(node.func) in known - self.effects.rebound
        return reports or (isinstance(node.func, ast.Attribute) and node.func.attr == "summary")


def _shown(value: ast.expr) -> Iterator[ast.expr]:
    """What a report shows, part by part."""
    if not isinstance(value, ast.Call):
        yield value
        return
    if isinstance(value.func, ast.Attribute):
        yield value.func.value
    for argument in [*value.args, *(keyword.value for keyword in value.keywords)]:
        yield from _formatted(argument)


def _formatted(node: ast.expr) -> Iterator[ast.expr]:
    """The parts of a text that is put together, those that say how a part is written too; else the node itself."""
    if not isinstance(node, ast.JoinedStr):
        yield node
        return
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            yield part.value
            if part.format_spec:
                yield from _formatted(part.format_spec)
        else:
            yield part


def _claims(statement: ast.stmt) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(statement)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "claim"
    ]


def _claim_id(call: ast.Call) -> str:
    """A claim's id as its expression has it, with a ``*`` for each part that is computed."""
    named = (keyword.value for keyword in call.keywords if keyword.arg == "name")
    found = call.args[0] if call.args else next(named, None)
    return "*" if found is None else pattern_of(found)


def _origins(effects: Effects, used: set[str]) -> str:
    """Where those names come from that are imported."""
    return str(sorted((name, effects.origins[name]) for name in used if name in effects.origins))


def _dump(node: Any) -> str:
    """A syntax tree as text, the same in every version of Python (``ast.dump`` changed in 3.12 and 3.13)."""
    if isinstance(node, list):
        return f"[{','.join(map(_dump, node))}]"
    if not isinstance(node, ast.AST):
        return repr(node)
    fields = ((name, getattr(node, name, None)) for name in node._fields if name not in BESIDES)
    inside = ",".join(f"{name}={_dump(value)}" for name, value in fields if value is not None and value != [])
    return f"{type(node).__name__}({inside})"


def _hash(text: str, digits: int) -> str:
    return sha256(text.encode()).hexdigest()[:digits]
