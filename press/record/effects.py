"""What the statements of a page do besides computing a value: whether they change anything, and which names.

Calls are taken to change whatever they can reach, unless they are known not to, and their values to hold what they are
given. But an object that a function of the page was given, returns, and may have changed, is taken for a new one.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from press.record.iterators import lasting_names

#: Functions that change nothing and draw no random number.
FUNCTIONS = frozenset({
    "abs", "all", "any", "bool", "dict", "enumerate", "float", "format", "int", "isinstance", "len", "list", "max",
    "min", "range", "repr", "reversed", "round", "set", "sorted", "str", "sum", "tuple", "zip",
})  # fmt: skip
#: Methods, and functions of NumPy, likewise. Those of a module called ``random`` are not taken for them.
METHODS = frozenset({
    "abs", "all", "allclose", "any", "arange", "argmax", "argmin", "argsort", "array", "array_equal", "asarray",
    "astype", "bincount", "ceil", "clip", "concatenate", "convert_to_numpy", "copy", "corrcoef", "count",
    "count_nonzero", "count_params", "cumsum", "diff", "dot", "endswith", "exp", "flatten", "float32", "floor",
    "format", "get", "index", "isclose", "isfinite", "isin", "isnan", "item", "items", "join", "keys", "linspace",
    "log", "log10", "log2", "lower", "max", "maximum", "mean", "median", "min", "minimum", "nonzero", "norm", "numpy",
    "ones",
    "percentile", "prod", "ptp", "quantile", "ravel", "replace", "reshape", "round", "sign", "size", "split", "sqrt",
    "square", "squeeze", "stack", "startswith", "std", "strip", "sum", "title", "tolist", "transpose", "unique",
    "upper", "values", "var", "where", "zeros",
})  # fmt: skip
#: Those of them whose result is a number, a text or a new array, and shares nothing with what they are given.
FRESH = (FUNCTIONS | METHODS) - {
    "asarray", "dict", "enumerate", "get", "items", "keys", "list", "max", "min", "ravel", "reshape", "reversed",
    "sorted", "split", "squeeze", "transpose", "tuple", "values", "zip",
}  # fmt: skip
#: Methods that change what they are called on, and not what they are given, but for callbacks.
ON_THEMSELVES = frozenset({
    "append", "build", "compile", "evaluate", "extend", "fit", "pop", "predict", "set_weights", "setdefault", "update",
})  # fmt: skip

#: Those of them that keep what they are given.
TAKING_IN = {"append", "extend", "setdefault", "update"}

#: How many arguments by position those of them take that write into one more; on an array itself they take one fewer.
BEFORE_OUT = {
    **dict.fromkeys(("abs", "ceil", "exp", "floor", "isfinite", "isnan", "log", "log10", "log2"), 1),
    **dict.fromkeys(("sign", "sqrt", "square"), 1),
    **dict.fromkeys(("all", "any", "argmax", "argmin", "concatenate", "dot", "max", "maximum", "median"), 2),
    **dict.fromkeys(("min", "minimum", "ptp", "round", "stack"), 2),
    **dict.fromkeys(("clip", "cumsum", "mean", "percentile", "prod", "quantile", "std", "sum", "var"), 3),
}
#: Functions that go through what they are given, and so use it up if it is an iterator.
ITERATING = FUNCTIONS - {"abs", "bool", "float", "format", "int", "isinstance", "len", "range", "repr", "round", "str"}

#: Functions that change nothing that they are given: a check may draw random numbers, and looks at an answer.
LOOKING = {"check", "claim", "display", "print"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Effects:
    """What the code of a page does.

    Attributes:
        functions: The functions that it defines, by name.
        rebound: The names that it binds, but for imports.
        origins: Where each name comes from that is imported, and nothing else anywhere.
    """

    def __init__(self, tree: ast.Module) -> None:
        bound = Counter(name for node in ast.walk(tree) for name in _bound(node))
        origins: dict[str, set[str]] = {}
        for statement in tree.body:
            for name, origin in imports(statement):
                origins.setdefault(name, set()).add(origin)
        self.origins = {name: each.pop() for name, each in origins.items() if len(each) == 1 and not bound[name]}
        self.functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        self.rebound = set(bound)
        self.harmless = set(FUNCTIONS - self.rebound)
        for name, function in self.functions.items():  # one may call those before it
            if bound[name] == 1 and not function.decorator_list and self._only_returns(function):
                self.harmless.add(name)
        self.lasting = lasting_names(tree, bound)
        self.definitions = {node.name: node for node in ast.walk(tree) if isinstance(node, Function | ast.ClassDef)}
        self.constants = {name for name, count in _constants(tree).items() if count == bound[name]}
        self.sharing = self._sharing(tree.body)
        self.changed_in: dict[str, set[str]] = {}
        for name, function in self.functions.items():
            self.changed_in[name] = self._changed_inside(function.body, self._sharing(function.body))

    def is_harmless(self, node: ast.AST) -> bool:
        """Whether evaluating an expression changes nothing and draws no random number."""
        acting = (ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom, ast.Global, ast.Nonlocal, ast.Delete, ast.With)
        return not any(isinstance(each, acting) or self._acts(each) for each in ast.walk(node))

    def only_looks(self, node: ast.AST) -> bool:
        """Whether an expression is harmless, and for certain uses up no iterator."""
        return self.is_harmless(node) and not self._uses_up(node)

    def read(self, node: ast.AST) -> set[str]:
        """The names that a node reads, also through the page's functions."""
        found, todo = set[str](), names(node)
        while todo:
            name = todo.pop()
            if name not in found:
                found.add(name)
                todo |= _outer(self.definitions[name]) if name in self.definitions else set()
        return found

    def changed(self, statement: ast.stmt) -> set[str]:
        """The names whose values may be others after a statement."""
        if isinstance(statement, ast.FunctionDef) and not statement.decorator_list:
            return {statement.name}
        bound = {name for node in _inside(statement) for name in _bound(node)}
        return (bound | self._changed_inside([statement], self.sharing)) - self.origins.keys()

    def _only_returns(self, function: Function) -> bool:
        return all(map(self.is_harmless, function.body)) and not any(
            isinstance(node, ast.AugAssign) or _is_stored_into(node) for node in ast.walk(function)
        )

    def _acts(self, node: ast.AST) -> bool:
        """Whether a node is a call that may do more than return a value."""
        if not isinstance(node, ast.Call):
            return False
        for keyword in node.keywords:
            if keyword.arg == "out" or (keyword.arg == "key" and not isinstance(keyword.value, ast.Lambda)):
                return True
        if isinstance(node.func, ast.Attribute):
            if node.func.attr not in METHODS or "random" in ast.unparse(node.func):
                return True
            of_module = root(node.func) in self.origins
            return len(node.args) > BEFORE_OUT.get(node.func.attr, len(node.args) + 1) - (not of_module)
        return not (isinstance(node.func, ast.Name) and node.func.id in self.harmless)

    def _uses_up(self, node: ast.AST) -> bool:
        """Whether a part of the code may go through an iterator of the page, and so leave less of it."""
        nodes = list(ast.walk(node))
        loops = [each for each in nodes if isinstance(each, ast.comprehension) and self._lasts(each.iter, set())]
        own = {each.target.id for each in loops if isinstance(each.target, ast.Name)}
        if any(self._uses_up(self.functions[name]) for name in _called(nodes) & self.functions.keys()):
            return True
        return not all(self._lasts(value, own) for each in nodes for value in _gone_through(each))

    def _lasts(self, node: ast.expr, own: set[str]) -> bool:
        """Whether the value of a harmless expression is no iterator of the page, or a variable over what is none."""
        if isinstance(node, ast.Name):
            return node.id in self.lasting or node.id in own
        if isinstance(node, ast.Call):  # an iterator that is new is nobody else's
            return not (isinstance(node.func, ast.Name) and node.func.id in self.functions)
        return not isinstance(node, ast.IfExp | ast.BoolOp | ast.NamedExpr)

    def _sharing(self, statements: Sequence[ast.stmt]) -> dict[str, set[str]]:
        """The names whose values may be parts or views of one another, for each of them."""
        sharing: dict[str, set[str]] = {}
        for node in (node for statement in statements for node in _inside(statement)):
            if isinstance(node, ast.Assign):
                targets, value = node.targets, node.value
            elif isinstance(node, ast.AnnAssign | ast.For):
                targets, value = [node.target], node.iter if isinstance(node, ast.For) else node.value or node.target
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in TAKING_IN:
                targets, value = [node.func.value], ast.Tuple([*node.args, *(each.value for each in node.keywords)])
            else:
                continue
            together = self._passed_on(value).union(*map(names, targets))
            together -= self.origins.keys() | self.functions.keys() | (FUNCTIONS - self.rebound) | self.constants
            together = together.union(*(sharing.get(name, set()) for name in together))
            sharing.update(dict.fromkeys(together, together))
        return sharing

    def _passed_on(self, node: ast.AST) -> set[str]:
        """The names whose objects an expression's value may hold."""
        if isinstance(node, ast.Name):
            return {node.id}
        if isinstance(node, ast.BinOp | ast.UnaryOp | ast.Compare | ast.Constant | ast.JoinedStr):
            return set()
        if isinstance(node, ast.Lambda):
            return names(node)
        if isinstance(node, ast.ListComp) and _is_of_layer(node.elt):
            return self._passed_on(node.elt)  # not what the loop goes through: the names of layers
        if isinstance(node, ast.Call):
            return set().union(*map(self._passed_on, self._kept_by(node)))
        return set().union(*map(self._passed_on, ast.iter_child_nodes(node)))

    def _kept_by(self, call: ast.Call) -> list[ast.expr]:
        """What the value of a call may hold: as a network holds its layers, and a view its array."""
        called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if self._acts(call):
            if called in self.functions or called in ON_THEMSELVES:
                return []
        elif called in FRESH and called not in self.functions:
            return []
        given = [*call.args, *(keyword.value for keyword in call.keywords)]
        if not isinstance(call.func, ast.Attribute):
            return given
        return [call.func.value] if called == "get_layer" else [call.func.value, *given]  # not the layer's name

    def _changed_inside(self, statements: Sequence[ast.stmt], sharing: Mapping[str, set[str]]) -> set[str]:
        """The names of objects that statements change where they are."""
        found: set[str] = set()
        for node in (node for statement in statements for node in _inside(statement)):
            if _is_stored_into(node):
                found |= names(node)
            elif isinstance(node, ast.AugAssign):
                found |= names(node.target)
            elif isinstance(node, ast.Call) and self._acts(node):
                found |= self._changed_by(node)
        return found.union(*(sharing.get(name, set()) for name in found - self.origins.keys()))

    def _changed_by(self, call: ast.Call) -> set[str]:
        """The names of objects that a call may change."""
        if isinstance(call.func, ast.Name) and call.func.id in self.changed_in:
            return self._changed_by_own(call, self.functions[call.func.id])
        if isinstance(call.func, ast.Name) and call.func.id in LOOKING - self.rebound:
            return set()
        if isinstance(call.func, ast.Attribute) and call.func.attr in ON_THEMSELVES:
            callbacks = [keyword.value for keyword in call.keywords if keyword.arg in ("callbacks", None)]
            return set().union(self.read(call.func), *map(self.read, callbacks))
        return self.read(call)

    def _changed_by_own(self, call: ast.Call, function: Function) -> set[str]:
        """The same for a call of one of the page's functions."""
        changed = self.changed_in[function.name]
        places = [*function.args.posonlyargs, *function.args.args]
        given = [each.arg for each in places]
        found = changed & _outer(function)
        for place, argument in enumerate(call.args):
            if isinstance(argument, ast.Starred) or place >= len(given) or given[place] in changed:
                found |= self.read(argument)
        for keyword in call.keywords:
            if keyword.arg is None or keyword.arg in changed or keyword.arg not in given:
                found |= self.read(keyword.value)
        own = function.args.kwonlyargs
        defaults = [*zip(reversed(places), reversed(function.args.defaults), strict=False)]
        defaults += [(each, value) for each, value in zip(own, function.args.kw_defaults, strict=True) if value]
        return found.union(*(self.read(value) for each, value in defaults if each.arg in changed))


def names(node: ast.AST) -> set[str]:
    """The names in a part of a tree."""
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def imports(statement: ast.stmt) -> Iterator[tuple[str, str]]:
    """The names that an import binds, each with where it comes from; none of ``import *``."""
    if isinstance(statement, ast.Import):
        for alias in statement.names:
            yield alias.asname or alias.name.partition(".")[0], alias.name
    elif isinstance(statement, ast.ImportFrom):
        for alias in statement.names:
            if alias.name != "*":
                yield alias.asname or alias.name, f"{'.' * statement.level}{statement.module}:{alias.name}"


def _bound(node: ast.AST) -> Iterator[str]:
    """The names that one node of a tree binds, imports left out."""
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        yield node.id
    elif isinstance(node, Function | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.arg):
        yield node.arg
    elif isinstance(node, ast.MatchAs | ast.MatchStar | ast.ExceptHandler) and node.name:
        yield node.name
    elif isinstance(node, ast.MatchMapping) and node.rest:
        yield node.rest


def _is_of_layer(value: ast.expr) -> bool:
    """Whether a value is a layer of a network, or a part of one: ``model.get_layer("a").kernel``."""
    while isinstance(value, ast.Attribute | ast.Subscript):
        value = value.value
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "get_layer"


def _called(nodes: Sequence[ast.AST]) -> set[str]:
    return {each.func.id for each in nodes if isinstance(each, ast.Call) and isinstance(each.func, ast.Name)}


def _gone_through(node: ast.AST) -> Sequence[ast.expr]:
    """What a node goes through, element by element."""
    if isinstance(node, ast.comprehension | ast.For):
        return [node.iter]
    if isinstance(node, ast.Starred):
        return [node.value]
    if isinstance(node, ast.Compare):
        pairs = zip(node.ops, node.comparators, strict=True)
        return [value for operator, value in pairs if isinstance(operator, ast.In | ast.NotIn)]
    if not isinstance(node, ast.Call):
        return []
    if isinstance(node.func, ast.Attribute):
        return node.args if node.func.attr == "join" else []
    called = node.func.id if isinstance(node.func, ast.Name) else ""
    is_greatest = called in ("max", "min") and len(node.args) > 1
    return node.args if called in ITERATING and not is_greatest else []


def root(node: ast.expr) -> str:
    """The name that an attribute is taken from, however many lie between; empty where it is no name."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _constants(tree: ast.AST) -> Counter[str]:
    """How often each name is bound to a number or a text: such values are parts of nothing that changes."""
    assigned = (
        node for node in ast.walk(tree) if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
    )
    return Counter(target.id for node in assigned for target in node.targets if isinstance(target, ast.Name))


def _outer(definition: Function | ast.ClassDef) -> set[str]:
    """The names of the page that a function or a class uses, in its defaults too."""
    nodes = [node for node in ast.walk(definition) if node is not definition]
    shared = {name for node in nodes if isinstance(node, ast.Global | ast.Nonlocal) for name in node.names}
    return names(definition) - ({name for node in nodes for name in _bound(node)} - shared)


def _inside(node: ast.AST) -> Iterator[ast.AST]:
    """A node and all below it, but for what is inside functions, and the variables of comprehensions."""
    yield node
    if isinstance(node, Function | ast.Lambda):
        return
    own = set().union(*(names(loop.target) for loop in getattr(node, "generators", [])))
    for child in ast.iter_child_nodes(node):
        yield from (each for each in _inside(child) if not (isinstance(each, ast.Name) and each.id in own))


def _is_stored_into(node: ast.AST) -> bool:
    """Whether a node is an attribute or an element that is set or deleted."""
    return isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load)
