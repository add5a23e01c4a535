"""A page of the book, parsed once: whatever else knows something of a page, has it from here."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, lru_cache
from html.parser import HTMLParser
from itertools import pairwise, takewhile
from pathlib import Path
from typing import Any, Literal

import yaml
from docutils.parsers.rst.directives.misc import TestDirective
from markdown_it.token import Token
from myst_parser.parsers.directives import parse_directive_text

from press.faults import Fault, not_yaml
from press.myst import Directive, Text, in_one_line, is_cell, lines_of
from press.myst import PageError as PageError

#: What makes a notebook of a page, in its front matter.
NOTEBOOK = "jupytext: {text_representation: {extension: .md, format_name: myst}}"
#: What the first argument is called where a claim, a check or a seed is given by keywords.
NAMES = ("name", "id", "seed")
#: What is wrong with the start of an exercise or a solution that has no end, or the other way round.
ONE_SIDED = "is not opened and closed: write its start and its end, and none of its kind between the two"
#: What a title does not hold.
NO_TITLE = ("myst_role", "link_open", "image", "footnote_ref", "substitution_inline")


@dataclass(frozen=True)
class Role:
    """A role: ``{name}`content```, and its line."""

    name: str
    content: str
    line: int


@dataclass(frozen=True)
class Block:
    """An exercise or a solution: its label, and its first and last line."""

    kind: Literal["exercise", "solution"]
    label: str
    line: int
    last: int


@dataclass(frozen=True)
class Numbered:
    """What Sphinx numbers: a figure, a formula or an exercise; its label may be empty."""

    kind: Literal["figure", "math", "exercise"]
    label: str
    line: int


#: Roles and directives that show what a cell has handed to the text; `glue:text` takes a format besides.
GLUE = ("glue", "glue:any", "glue:md", "glue:math", "glue:figure")


@dataclass(frozen=True)
class Named:
    """A label that something on a page has, and the line of what has it."""

    label: str
    line: int


@dataclass(frozen=True)
class Call:
    """A call in a code cell, and its line; what is computed of its first argument is ``*``.

    Whether it is made may depend on a condition.
    """

    argument: str
    line: int
    is_conditional: bool = False


@dataclass(frozen=True)
class Cell:
    """A cell of a page.

    Args:
        kind: What it is.
        source: Its code or its text.
        line: The line of the file on which the source begins.
        metadata: Its options.
        text: The tokens of a cell of text.
    """

    kind: Literal["code", "text", "raw"]
    source: str
    line: int
    metadata: dict[str, Any] = field(default_factory=dict)
    text: Text | None = None

    @property
    def tags(self) -> list[str]:
        """Its tags."""
        found = self.metadata.get("tags") or []
        return list(map(str, found)) if isinstance(found, list) else [str(found)]

    @property
    def figure(self) -> dict[str, Any] | None:
        """The name and the caption of the figure that it draws; None if it draws none."""
        if "figure" not in self.mystnb:
            return None
        found = self.mystnb["figure"]
        return dict(found) if isinstance(found, dict) else {}

    @property
    def mystnb(self) -> dict[str, Any]:
        """What its options say to myst-nb."""
        found = self.metadata.get("mystnb")
        return found if isinstance(found, dict) else {}

    @cached_property
    def tree(self) -> ast.Module | None:
        """The code as Python, its magics aside; None if it cannot be parsed, which is for the kernel to report."""
        try:
            return ast.parse(plain_python(self.source))
        except SyntaxError:
            return None

    def calls(self, name: str) -> Iterator[Call]:
        """The calls of a function, in order, whatever the module that it is taken from is called here."""
        return (call for called, call in self._calls if called == name)

    @cached_property
    def _calls(self) -> list[tuple[str, Call]]:
        """All calls, in order, each with the name of the function."""
        nodes = list(ast.walk(self.tree or ast.Module([], [])))
        branches = [node for node in nodes if isinstance(node, ast.If | ast.IfExp | ast.Try | ast.Match)]
        conditional = {id(inner) for node in branches for inner in ast.walk(node)}
        calls = [node for node in nodes if isinstance(node, ast.Call)]
        found = []
        for node in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
            named = [keyword.value for keyword in node.keywords if keyword.arg in NAMES]
            given = [*node.args[:1], *named, ast.Name("*")]
            call = Call(pattern_of(given[0]), self.line + node.lineno - 1, id(node) in conditional)
            found.append((getattr(node.func, "id", getattr(node.func, "attr", "")), call))
        return found


def pattern_of(node: ast.expr) -> str:
    """A constant as text; ``*`` for what is computed."""
    match node:
        case ast.Constant(value):
            return str(value)
        case ast.JoinedStr(values):
            return "".join(pattern_of(each) for each in values)
        case ast.BinOp(left, ast.Add(), right):
            return pattern_of(left) + pattern_of(right)
    return "*"


@cache
def plain_python(source: str) -> str:
    """The code of a cell without IPython's magics, line by line where that can be done."""
    try:
        ast.parse(source)
        return source
    except SyntaxError:
        from IPython.core.inputtransformer2 import TransformerManager

    first, _, rest = source.lstrip("\n").partition("\n")
    if first.startswith("%%"):  # `%%time` and the like: what they run is Python most times
        body = plain_python(rest)
        try:
            ast.parse(body)
            return source[: len(source) - len(source.lstrip("\n"))] + "\n" + body
        except SyntaxError:
            return ""
    try:
        return str(TransformerManager().transform_cell(source))
    except SyntaxError:
        return source


def check_call(source: str) -> tuple[str, list[str]] | None:
    """The exercise and the names of the answers, if a cell is a call of ``check``; None for any other cell."""
    match Cell("code", source, 1).tree:
        case ast.Module([ast.Expr(ast.Call(ast.Name("check"), [ast.Constant(str(exercise)), *answers], []))]):
            if all(isinstance(each, ast.Name) for each in answers):
                return exercise, [each.id for each in answers if isinstance(each, ast.Name)]
    return None


@dataclass(frozen=True)
class Page:
    """A page.

    Args:
        name: What it is called, for example ``chapters/cnn``.
        text: Its source. A byte-order mark, and how its lines end, make no difference.
        is_lenient: Leave out the cells and directives that cannot be read; else they are an error. What is wrong with
            them is in ``unreadable``.
    """

    name: str
    text: str
    is_lenient: bool = False

    @classmethod
    def read(cls, name: str, root: Path) -> Page:
        """Read a page.

        Args:
            name: The page, for example ``chapters/cnn``.
            root: The folder of ``_config.yml``.

        Raises:
            FileNotFoundError: There is no such page; the message says where pages are looked for.
            PageError: The file is not UTF-8.
        """
        path = root / f"{name}.md"
        if not path.is_file():
            raise FileNotFoundError(f"no page {name}.md in {root.resolve()}: run this in the folder of _config.yml")
        try:
            return _known(name, path.read_text(encoding="utf-8-sig"))
        except UnicodeDecodeError as problem:
            line = path.read_bytes()[: problem.start].count(b"\n") + 1
            raise PageError(Fault(f"{name}.md", line, "not UTF-8: save the file with that encoding")) from None

    @property
    def source(self) -> str:
        """The text without its byte-order mark, and with lines that end as they do here."""
        return self.text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")

    @property
    def root(self) -> Text:
        """The whole page as tokens."""
        return _parsed(self.name, self.source)

    def error(self, line: int, what: str) -> PageError:
        """An error at a line of the file."""
        return PageError(Fault(f"{self.name}.md", line, what))

    @cached_property
    def front_matter(self) -> dict[str, Any]:
        """What stands between the lines ``---`` at the top.

        Raises:
            PageError: It is not YAML, or no mapping.
        """
        tokens = self.root.tokens
        if not tokens or tokens[0].type != "front_matter":
            if self.root.lines[0].rstrip() == "---":
                raise self.error(1, "the front matter is never closed: end it with a line `---`")
            return {}
        try:
            found = yaml.safe_load(tokens[0].content)
        except (yaml.YAMLError, ValueError) as problem:
            fault = not_yaml(f"{self.name}.md", problem, above=1)
            raise PageError(replace(fault, what=f"the front matter is {fault.what}")) from None
        if not isinstance(found, dict | None):
            raise self.error(1, "the front matter holds no names and values: write `name: value`")
        return found or {}

    @cached_property
    def is_executed(self) -> bool:
        """Whether myst-nb takes this page for a notebook, and so executes it: ``is_myst_markdown_notebook`` there.

        Raises:
            PageError: The front matter cannot be read.
        """
        found: Any = self.front_matter
        if found.get("file_format") == "mystnb":
            return True
        for name in ("jupytext", "text_representation", "format_name"):
            found = found.get(name) if isinstance(found, dict) else None
        return bool(found == "myst")

    @property
    def cells(self) -> list[Cell]:
        """The cells in order, as myst-nb and Jupytext cut them.

        Raises:
            PageError: The options of a cell cannot be read.
        """
        found, errors = self._cells
        if errors and not self.is_lenient:
            raise errors[0]
        return found

    @cached_property
    def _cells(self) -> tuple[list[Cell], list[PageError]]:
        """The cells that can be read, and what is wrong with the others."""
        root, start, kept = self.root, 0, 0
        found: list[Cell] = []
        errors: list[PageError] = []
        options: dict[str, Any] = {}
        for at, token in enumerate(root.tokens):
            kind = _cell_kind(token)
            if kind is None:
                continue
            found += _text_cell(root, root.tokens[kept:at], start, lines_of(token)[0], options)
            options = {}
            try:
                if kind == "break":
                    options = self._break_options(token)
                elif kind in ("code", "raw"):
                    found.append(self._code_cell(token, kind))
            except PageError as error:
                errors.append(error)
            start, kept = lines_of(token)[1], at + 1
        return found + _text_cell(root, root.tokens[kept:], start, len(root.lines), options), errors

    def _code_cell(self, token: Token, kind: str) -> Cell:
        read = parse_directive_text(TestDirective, "", token.content, validate_options=False)
        line = self.root.line(token)
        if read.warnings:
            raise self._unreadable_options(token, read.warnings[0].msg)
        return Cell(
            "code" if kind == "code" else "raw", "\n".join(read.body), line + 1 + read.body_offset, read.options
        )

    def _unreadable_options(self, token: Token, what: str) -> PageError:
        """What is wrong with the options of a cell, which are YAML between lines ``---`` or after colons."""
        lines, line = token.content.split("\n"), self.root.line(token)
        options = [each[1:] for each in takewhile(lambda each: each.startswith(":"), lines)]
        if lines[0].startswith("---"):
            options = list(takewhile(lambda each: not each.startswith("---"), lines[1:]))
            line += 1
            if len(options) == len(lines) - 1:
                return self.error(line, "the options of this cell are never closed: end them with a line `---`")
        try:
            yaml.safe_load("\n".join(options))
        except (yaml.YAMLError, ValueError) as problem:
            fault = not_yaml(f"{self.name}.md", problem, above=line)
            return PageError(replace(fault, what=f"the options of this cell are {fault.what}"))
        return self.error(line, f"the options of this cell cannot be read, {in_one_line(what)}: write `name: value`")

    def _break_options(self, token: Token) -> dict[str, Any]:
        """The options of the text below ``+++ {...}``."""
        try:
            found = yaml.safe_load(token.content) if token.content else {}
        except yaml.YAMLError:
            found = None
        if not isinstance(found, dict):
            raise self.root.error(token, f"+++ {token.content} holds no names and values")
        return found

    @property
    def code_cells(self) -> list[Cell]:
        """The cells of code."""
        return [cell for cell in self.cells if cell.kind == "code"]

    @cached_property
    def computation(self) -> str:
        """The code without the cells that only draw: what decides the page's numbers."""
        return "\n\n".join(cell.source for cell in self.code_cells if cell.figure is None)

    @cached_property
    def _title(self) -> tuple[str, int]:
        """The title, as it is written, and its line."""
        tokens = self.root.tokens
        for token, inline in pairwise(tokens):
            if token.type == "heading_open" and token.tag == "h1" and token.level == 0:
                if any(each.type in NO_TITLE for each in inline.children or []):
                    raise self.root.error(token, "a title holds no role, link or footnote: it stands in lists too")
                return inline.content, self.root.line(token)
        raise self.error(1, "the page has no title: begin it with `# Title`")

    @property
    def title(self) -> str:
        """The title, as it is written.

        Raises:
            PageError: There is none.
        """
        return self._title[0]

    @property
    def title_line(self) -> int:
        """The line of the title."""
        return self._title[1]

    @cached_property
    def title_lines(self) -> list[int]:
        """The line of each heading of the first level: of the title, and of none besides."""
        found = (token for token in self.root.tokens if token.type == "heading_open")
        return [self.root.line(token) for token in found if token.tag == "h1" and token.level == 0]

    @cached_property
    def misplaced_cells(self) -> list[int]:
        """The lines of what is written as a cell and is none: indented, in a list, in a directive, or within HTML."""
        found = []
        for text in self.texts:
            for token in text.tokens:
                if is_cell(token) and (text is not self.root or _cell_kind(token) is None):
                    found.append(text.line(token))
                elif token.type == "html_block" and not token.content.lstrip().startswith("<!--"):
                    lines = enumerate(token.content.split("\n"))
                    found += [
                        text.line(token) + at for at, line in lines if line.lstrip("`~: ").startswith("{code-cell}")
                    ]
        return found

    @cached_property
    def labels(self) -> list[Named]:
        """All that can be referred to by a name that its author chose, in the order of the lines."""
        figures = [(cell.figure or {}, cell.line) for cell in self.code_cells]
        found = {Named(str(figure["name"]), line) for figure, line in figures if figure.get("name")}
        for each in self.directives:
            names = [each.options.get(option) for option in ("label", "name")]
            names += [each.argument] if each.name == "figure-md" else []
            found |= {Named(name, each.line) for name in names if name}
        for text in self.texts:
            for token in text.tokens:
                if token.type in ("myst_target", "math_block_label"):
                    label = token.content if token.type == "myst_target" else token.info
                    found.add(Named(label, text.line(token)))
        return sorted(found, key=lambda each: each.line)

    @cached_property
    def images_without_words(self) -> list[int]:
        """The lines of the images without alternative text. One in HTML that only decorates may have ``alt=""``."""
        found = [each.line for each in self.directives if _lacks_words(each)]
        for text in self.texts:
            for block in text.tokens:
                if block.type == "html_block":
                    found += [text.line(block) + below for below in _silent_in_html(block.content)]
                for token in block.children or []:
                    line = block.content[: token.meta.get("span", (0, 0))[0]].count("\n")
                    silent = token.type == "image" and not token.content.strip()
                    if silent or (token.type == "html_inline" and _silent_in_html(token.content)):
                        found.append(text.line(block) + line)
        return sorted(found)

    def section(self, line: int) -> str:
        """The heading of the second level under which a line stands; empty before the first."""
        found = ""
        for token, inline in pairwise(self.root.tokens):
            if token.type == "heading_open" and token.tag == "h2" and self.root.line(token) <= line:
                found = inline.content
        return found

    @cached_property
    def texts(self) -> list[Text]:
        """The whole page, and the bodies of all directives on it, however deep."""
        return list(self.root.everything([] if self.is_lenient else None))

    @cached_property
    def unreadable(self) -> list[PageError]:
        """What is wrong with the cells and the directives that cannot be read."""
        errors = list(self._cells[1])
        list(self.root.everything(errors))
        return errors

    @cached_property
    def directives(self) -> list[Directive]:
        """All directives on the page, in the order of their lines."""
        return sorted((each for text in self.texts for each in text.readable[0]), key=lambda each: each.line)

    @cached_property
    def roles(self) -> list[Role]:
        """All roles in the text, in the order of their lines."""
        return sorted((role for text in self.texts for role in _roles(text)), key=lambda role: role.line)

    @cached_property
    def numbered(self) -> list[Numbered]:
        """What Sphinx numbers, in the order of the lines."""
        found = [
            Numbered("figure", str(cell.figure["name"]), cell.line)
            for cell in self.code_cells
            if cell.figure and cell.figure.get("name")
        ]
        for each in self.directives:
            if each.name == "math" and (label := each.options.get("label", each.options.get("name"))) is not None:
                found.append(Numbered("math", label, each.line))
            elif each.name in ("exercise", "exercise-start") and "nonumber" not in each.options:
                found.append(Numbered("exercise", each.options.get("label", ""), each.line))
        for text in self.texts:
            for token in text.tokens:
                if token.type == "math_block_label":
                    found.append(Numbered("math", token.info, text.line(token)))
                elif token.type == "amsmath" and token.meta["numbered"] != "*":
                    found.append(Numbered("math", "", text.line(token)))
        return sorted(found, key=lambda each: each.line)

    @cached_property
    def exercises(self) -> list[Block]:
        """The exercises, however they are written."""
        return self._blocks("exercise")

    @cached_property
    def solutions(self) -> list[Block]:
        """The solutions, however they are written.

        Raises:
            PageError: One is opened and not closed, or the other way round, or lies inside something else.
        """
        for text in self.texts:
            for token in text.tokens:
                before, found, _ = token.content.lower().partition("{solution")
                if found and token.type == "html_block":
                    line = text.line(token) + before.count("\n")
                    raise self.error(line, "a solution inside HTML or a comment stays in every edition: take it out")
        return self._blocks("solution")

    def _blocks(self, kind: Literal["exercise", "solution"]) -> list[Block]:
        found: list[Block] = []
        opened: Directive | None = None
        outer = self.root.directives
        for each in self.directives:
            if each.name == kind:
                if opened is None:
                    found.append(Block(kind, _label(each), each.line, each.last))
                continue
            if each.name not in (f"{kind}-start", f"{kind}-end"):
                continue
            if each.is_nested or each not in outer:
                raise self.error(each.line, f"{{{each.name}}} must stand by itself, in no list, quotation or directive")
            if each.name.endswith("-start") is (opened is not None):
                raise self.error(each.line, f"{{{each.name}}} {ONE_SIDED}")
            if opened is not None:
                found.append(Block(kind, _label(opened), opened.line, each.last))
            opened = each if opened is None else None
        if opened is not None:
            raise self.error(opened.line, f"{{{opened.name}}} {ONE_SIDED}")
        return found

    @property
    def without_solutions(self) -> str:
        """The source without its solutions.

        Raises:
            PageError: A solution is opened and not closed, or the other way round, or lies inside something else; or
                the page has exercises and brings in what is not seen here.
        """
        gone = {line for block in self.solutions for line in range(block.line, block.last + 1)}
        for each in self.directives if self.exercises or gone else ():
            if each.name in ("include", "eval-rst") and each.line not in gone:
                raise self.error(each.line, f"{{{each.name}}} may bring in a solution: write its text on this page")
        if not gone:
            return self.text
        kept = "\n".join(line for number, line in enumerate(self.root.lines, 1) if number not in gone)
        # What is left is parsed again: to take lines out may have changed what the others are.
        if left := [each for each in Page(self.name, kept).directives if each.name.startswith("solution")]:
            raise self.error(self.solutions[0].line, f"a {{{left[0].name}}} is left when the solutions are taken out")
        return kept

    @property
    def claims_shown(self) -> list[Role]:
        """The roles that show a number: each content begins with the id of a claim."""
        return [role for role in self.roles if role.name == "glue:text"]

    @property
    def glued(self) -> dict[str, bool]:
        """The names of what cells hand to the text, each with whether it is shown in a format for numbers."""
        found = [role.content.partition(":") for role in self.claims_shown]
        keys = {name: bool(colon) for name, colon, _ in found}
        keys |= {role.content: False for role in self.roles if role.name in GLUE}
        return keys | {each.argument: False for each in self.directives if each.name in GLUE}

    def calls(self, name: str) -> list[Call]:
        """The calls of a function in the code, in order."""
        return [call for cell in self.code_cells for call in cell.calls(name)]

    @property
    def seeds(self) -> list[int]:
        """The seeds that the code sets, each once."""
        found = (call.argument for call in self.calls("set_random_seed"))
        return [int(seed) for seed in dict.fromkeys(found) if seed.isdigit()]


@lru_cache(maxsize=256)
def _known(name: str, text: str) -> Page:
    """A page, which keeps what has been read of it as long as its text is the same."""
    return Page(name, text)


@cache
def _parsed(name: str, text: str) -> Text:
    return Text.parse(name, text)


def _cell_kind(token: Token) -> str | None:
    """What a token at the top of a page begins: ``code``, ``raw``, ``break`` or ``front``; None for text."""
    if token.level:
        return None
    if token.type == "fence" and token.info.startswith("{code-cell}"):
        return "code"
    if token.type == "fence" and token.info.startswith("{raw-cell}"):
        return "raw"
    return {"myst_block_break": "break", "front_matter": "front"}.get(token.type)


def _lacks_words(directive: Directive) -> bool:
    """Whether a directive shows an image without an alternative text."""
    options = directive.options
    if directive.name in ("image", "figure"):
        return not options.get("alt", "").strip()
    shows = {"img-top", "img-bottom", "img-background"} & options.keys()
    return bool(shows) and not options.get("img-alt", "").strip()


def _silent_in_html(source: str) -> list[int]:
    """The images in some HTML that do not say what they show: on which line each begins, counted from 0."""
    found: list[int] = []

    class Images(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if tag == "img" and "alt" not in dict(attrs):
                found.append(self.getpos()[0] - 1)

    Images().feed(source)
    return found


def _text_cell(root: Text, tokens: Sequence[Token], start: int, end: int, options: dict[str, Any]) -> list[Cell]:
    """The cell of text on some lines of a page; none if they are blank."""
    while start < end and not root.lines[start].strip():
        start += 1
    source = "\n".join(root.lines[start:end]).rstrip()
    text = replace(root, tokens=tokens, start=start, end=end)
    return [Cell("text", source, root.first + start, options, text)] if source else []


def _roles(text: Text) -> Iterator[Role]:
    for block in text.tokens:
        for token in block.children or []:
            if token.type == "myst_role":
                line = text.line(block) + block.content[: token.meta["span"][0]].count("\n")
                yield Role(token.meta["name"].lower(), " ".join(token.content.split()), line)


def _label(directive: Directive) -> str:
    """The label of an exercise, or of the exercise that a solution belongs to."""
    return directive.options.get("label", "") if directive.name.startswith("exercise") else directive.argument
