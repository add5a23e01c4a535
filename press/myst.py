"""MyST, parsed by its own parser into tokens that know where they stand.

Each thing found carries its line in the file, and each error names the page and the line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from docutils.parsers.rst.directives.misc import TestDirective
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.directives import parse_directive_text
from myst_parser.parsers.mdit import create_md_parser

from press.faults import Fault

#: The extensions of MyST that ``_config.yml`` turns on, as far as they decide what is a block, a role or a formula.
EXTENSIONS = ("amsmath", "colon_fence", "deflist", "dollarmath", "fieldlist", "substitution")
#: Directives whose text is not MyST.
VERBATIM = ("code", "code-block", "code-cell", "math", "raw", "raw-cell", "literalinclude", "eval-rst", "bibliography")


class PageError(Exception):
    """A page is not written as it must be; the message names the page, the line and what is wrong."""

    @property
    def fault(self) -> Fault:
        """The error as a fault; one that was made of words alone stands in no file."""
        found = self.args[0]
        return found if isinstance(found, Fault) else Fault("", 0, str(found))


@cache
def _parser() -> MarkdownIt:
    """MyST's parser, which also notes where each role, link and formula stands: ``token.meta["span"]``."""
    parser = create_md_parser(MdParserConfig(enable_extensions=set(EXTENSIONS)), RendererHTML)
    parser.options["inline_definitions"] = True  # a token for `[label]: address`, which else leaves none
    rules = parser.inline.ruler
    for name, rule in zip(rules.get_active_rules(), rules.getRules(""), strict=True):
        rules.at(name, _noting_its_span(name, rule))
    return parser


def _noting_its_span(name: str, rule: Callable[[StateInline, bool], bool]) -> Callable[[StateInline, bool], bool]:
    """A rule for inline text whose tokens know their first and last character in the source of their block."""

    def noting(state: StateInline, silent: bool) -> bool:
        start, before = state.pos, len(state.tokens)
        if not rule(state, silent):
            return False
        for token in () if silent else state.tokens[before:]:
            token.meta.setdefault("span", (start, state.pos))
            if name == "link" and token.meta["span"] == (start, state.pos):
                end = state.pos
                state.pos = start
                token.meta["words"] = (start + 1, state.md.helpers.parseLinkLabel(state, start, True))
                state.pos = end
        return True

    return noting


#: HTML that swallows all that follows if its end is missing, blank lines and cells too (CommonMark, HTML blocks).
ENDS = {"<!--": "-->", "<?": "?>", "<![cdata[": "]]>"}
ENDS |= {f"<{name}": f"</{name}>" for name in ("pre", "script", "style", "textarea")}


def _end_that_lacks(source: str) -> str:
    """The end of a block of HTML, if it needs one and has none."""
    text = source.lstrip().lower()
    for start, end in ENDS.items():
        goes_on = start[1].isalpha() and text[len(start) : len(start) + 1].isalnum()  # `<preface>` is not `<pre>`
        if text.startswith(start) and not goes_on and end not in text:
            return end
    return ""


@dataclass(frozen=True)
class Text:
    """Some MyST and its tokens: a page, a part of one, or the body of a directive.

    Args:
        page: The page, for error messages.
        lines: The lines that the tokens' ``map`` counts, from 0.
        tokens: The tokens.
        first: Where the first line stands in the file, from 1.
        start: The first line of the part; the others belong to other parts.
        end: The line after its last.
        references: What each ``[label]: address`` stands for.
    """

    page: str
    lines: Sequence[str]
    tokens: Sequence[Token]
    first: int
    start: int
    end: int
    references: Mapping[str, Any]

    @classmethod
    def parse(cls, page: str, source: str, first: int = 1, references: Mapping[str, Any] | None = None) -> Text:
        """Parse some MyST.

        Args:
            page: The page that it stands on.
            source: The text.
            first: Where its first line stands in the file.
            references: Each ``[label]: address`` of the text around it.

        Raises:
            PageError: A fence is opened and never closed.
        """
        environment = {"references": dict(references or {})}
        tokens = _parser().parse(source, environment)
        lines = source.split("\n")
        text = cls(page, lines, tokens, first, 0, len(lines), environment["references"])
        for token in tokens:
            if token.type in ("fence", "colon_fence") and not text._is_closed(token):
                end = f"end it with a line {token.markup}, and give it more of them than what is inside it"
                raise text.error(token, f"{token.markup}{token.info.rstrip()} is never closed: {end}")
            if token.type == "html_block" and (end := _end_that_lacks(token.content)):
                raise text.error(token, f"{token.content.split()[0]} is never closed: end it with {end}")
        return text

    def _is_closed(self, token: Token) -> bool:
        """Whether a fence is closed, and by its own end: one that is not swallows what follows."""
        start, end = lines_of(token)
        last = self.lines[end - 1].rstrip()
        closing = last.rstrip(token.markup[0])
        swallowed = any(line.lstrip().startswith(token.markup + "{") for line in token.content.split("\n"))
        marks = len(last) - len(closing)
        return end - start > 1 and marks >= len(token.markup) and not closing.strip(" \t>") and not swallowed

    def line(self, token: Token) -> int:
        """The line of the file on which a token stands."""
        return self.first + lines_of(token)[0]

    def error(self, at: Token | int, what: str) -> PageError:
        """An error at a token, or at a line of the file."""
        return PageError(Fault(f"{self.page}.md", at if isinstance(at, int) else self.line(at), what))

    @property
    def directives(self) -> list[Directive]:
        """The directives, in order, without those in the bodies of others.

        Raises:
            PageError: The options of one cannot be read.
        """
        found, errors = self.readable
        if errors:
            raise errors[0]
        return found

    @cached_property
    def readable(self) -> tuple[list[Directive], list[PageError]]:
        """The directives that can be read, and what is wrong with the others."""
        found: list[Directive] = []
        errors: list[PageError] = []
        for token in filter(is_directive, self.tokens):
            try:
                found.append(self.directive(token))
            except PageError as error:
                errors.append(error)
        return found, errors

    def directive(self, token: Token) -> Directive:
        """The directive that a fence is.

        Raises:
            PageError: Its options cannot be read.
        """
        braced, *argument = token.info.split(maxsplit=1)
        # As MyST does it: a directive at the very beginning of the body is no option.
        blank = token.type == "colon_fence" and token.content.startswith(":::")
        found = parse_directive_text(TestDirective, "", "\n" * blank + token.content)
        if found.warnings:
            what = f"the options of {braced} cannot be read, {in_one_line(found.warnings[0].msg)}"
            raise self.error(token, f"{what}: write each as `:name: value`")
        first, last = lines_of(token)
        return Directive(
            page=self.page,
            name=braced[1:-1].lower(),
            argument="".join(argument).strip(),
            options=found.options,
            body="\n".join(found.body),
            line=self.first + first,
            last=self.first + last - 1,
            body_line=self.first + first + 1 + found.body_offset - blank,
            is_nested=token.level > 0,
            references=self.references,
        )

    def prose(self) -> Iterator[tuple[int, str]]:
        """The lines of the text, each with its number: code, formulas and the contents of roles are left out."""
        for block in self.tokens:
            text = list(block.content) if block.type == "inline" else []
            for token in block.children or []:
                if token.type in ("code_inline", "math_inline", "math_inline_double", "myst_role"):
                    first, last = token.meta["span"]
                    text[first:last] = [char if char in "\n{}" else "" for char in text[first:last]]
            if text:
                yield from enumerate("".join(text).split("\n"), self.line(block))

    def everything(self, unreadable: list[PageError] | None = None) -> Iterator[Text]:
        """This text, and the bodies of all directives in it.

        Args:
            unreadable: Takes what is wrong with the parts that cannot be read, which are then left out.

        Raises:
            PageError: Something cannot be read, and ``unreadable`` is left out.
        """
        yield self
        if unreadable is not None:
            unreadable += self.readable[1]
        for directive in self.directives if unreadable is None else self.readable[0]:
            if directive.name not in VERBATIM:
                try:
                    body = directive.text
                except PageError as error:
                    if unreadable is None:
                        raise
                    unreadable.append(error)
                else:
                    yield from body.everything(unreadable)


@dataclass(frozen=True)
class Directive:
    """A directive: what stands on its first line, its options however they are written, and its body."""

    page: str
    name: str
    argument: str
    options: dict[str, str]
    body: str
    line: int
    last: int
    body_line: int
    is_nested: bool
    references: Mapping[str, Any]

    @cached_property
    def text(self) -> Text:
        """The body as MyST."""
        return Text.parse(self.page, self.body, self.body_line, self.references)


def is_directive(token: Token) -> bool:
    """Whether a token is a directive, between backticks, tildes or colons, and no cell."""
    name = "".join(token.info.split(maxsplit=1)[:1])
    braced = name.startswith("{") and name.endswith("}")
    return token.type in ("fence", "colon_fence") and braced and not is_cell(token)


def is_cell(token: Token) -> bool:
    """Whether a token is written as a cell; only at the top of a page, between backticks or tildes, it is one."""
    name = "".join(token.info.split(maxsplit=1)[:1])
    return token.type in ("fence", "colon_fence") and name in ("{code-cell}", "{raw-cell}")


def in_one_line(words: str) -> str:
    """What another program said, without its line ends."""
    return " ".join(words.split())


def lines_of(token: Token) -> tuple[int, int]:
    """The first line of a token, and the one after its last."""
    assert token.map is not None, f"{token.type} has no lines"
    # The token of an environment of formulas leaves its last line out.
    return token.map[0], token.map[1] + (token.type == "amsmath")
