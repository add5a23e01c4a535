"""Which names of a page hold no iterator, as far as its code shows: to go through them changes nothing."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator

#: Expressions whose values can be gone through again, or not at all.
LASTING = (
    ast.BinOp, ast.Compare, ast.Constant, ast.Dict, ast.DictComp, ast.JoinedStr, ast.List, ast.ListComp, ast.Set,
    ast.SetComp, ast.Subscript, ast.Tuple, ast.UnaryOp,
)  # fmt: skip
#: Methods and functions whose result is an array or a list of them.
ARRAYS = {"arange", "array", "concatenate", "maximum", "minimum", "ones", "predict", "stack", "where", "zeros"}
#: Functions whose result is an iterator.
ITERATORS = {"enumerate", "filter", "iter", "map", "open", "reversed", "zip"}


def lasting_names(tree: ast.AST, bound: Counter[str]) -> set[str]:
    """The names that hold no iterator: the page takes elements of them, or binds them to nothing that may be one.

    Args:
        tree: The page's code.
        bound: How often each name is bound in it, imports left out.
    """
    values = [(target, value) for node in ast.walk(tree) for target, value in _assigned(node)]
    iterators = {target for target, value in values if _is_iterator(value)}
    indexed = (node.value for node in ast.walk(tree) if isinstance(node, ast.Subscript))
    found = {value.id for value in indexed if isinstance(value, ast.Name)}
    lasting = Counter(target for target, value in values if _is_lasting(value))
    return (found | {name for name, count in lasting.items() if count == bound[name]}) - iterators


def _assigned(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """The names that a node gives a value, each with the value; of a tuple those that get the parts of a loop."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Name):
                yield target.id, node.value
            elif isinstance(target, ast.Tuple) and isinstance(node.value, ast.GeneratorExp | ast.ListComp):
                yield from ((each.id, node.value.elt) for each in target.elts if isinstance(each, ast.Name))
    elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and isinstance(node.target, ast.Name) and node.value:
        yield node.target.id, node.value


def _is_lasting(value: ast.expr) -> bool:
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
        return value.func.attr in ARRAYS
    return isinstance(value, LASTING)


def _is_iterator(value: ast.expr) -> bool:
    called = value.func if isinstance(value, ast.Call) else None
    return isinstance(value, ast.GeneratorExp) or (isinstance(called, ast.Name) and called.id in ITERATORS)
