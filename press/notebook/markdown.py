"""MyST as the plain Markdown of a notebook, written from the page's tokens.

What is plain Markdown already stays as it is written, character by character. A directive, a role or a link is written
out where its token stands. A token that this module does not know is an error with its page and line, and so is a line
that no token covers: nothing of MyST can reach a learner.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin

from book import claims
from press import formulas
from press.myst import Directive, Text, is_directive, lines_of
from press.notebook.citations import Works
from press.page import Page

#: Admonitions that carry their own name.
NOTES = ("attention", "caution", "danger", "error", "hint", "important", "note", "seealso", "tip", "warning")
#: Tokens that a notebook shows as they are; what is inside an ``inline`` is looked at by itself.
BLOCKS = {
    *(f"{kind}_{end}" for kind in ("paragraph", "heading", "bullet_list", "ordered_list") for end in ("open", "close")),
    *(f"{kind}_{end}" for kind in ("list_item", "blockquote", "table", "thead", "tbody") for end in ("open", "close")),
    *(f"{kind}_{end}" for kind in ("tr", "th", "td") for end in ("open", "close")),
    *("hr", "code_block", "html_block", "math_block", "amsmath"),
}
SPANS = {
    *("text", "text_special", "softbreak", "hardbreak", "code_inline", "html_inline", "math_inline"),
    *("math_inline_double", "em_open", "em_close", "strong_open", "strong_close", "link_close"),
}
#: What leaves no trace in a notebook: the name of a heading, a comment, the address of a link; and how each begins.
TRACELESS = {"myst_target": "(", "myst_line_comment": "%", "definition": "["}
#: What makes of ``[words]`` at the beginning of a block the address of a link, which nobody sees.
ADDRESS = re.compile(r":\s*(<[^\n]*>|\S+)[ \t]*(\n|$|(?<=\s)[\"'(])")
#: What to do about what a notebook cannot show.
ADVICE = "correct its name or write it otherwise; press/notebook/markdown.py has what is known"
#: What a writer of pages calls a token.
CALLED = {
    "footnote_ref": "a footnote",
    "footnote_reference_open": "a footnote",
    "dl_open": "a list of definitions",
    "field_list_open": "a list of fields",
    "substitution_inline": "a substitution",
    "substitution_block": "a substitution",
    "myst_block_break": "a break between cells in a list or quotation",
    "image": "an image that lies beside the page",
    "colon_fence": "a block between colons without {a name}",
    "fence": "a code cell inside something else, or a directive with no space after its name",
}


@dataclass(frozen=True)
class Label:
    """What a cross-reference points at: the page it stands on, and what it is called, for example ``Figure 1.3``."""

    page: str
    name: str


class Surroundings(Protocol):
    """What a page's text refers to; :class:`press.notebook.writing.Book` is one."""

    labels: dict[str, Label]
    named: set[str]
    numbers: dict[tuple[str, int], str]

    @property
    def works(self) -> Works:
        """The works that can be cited."""

    def link(self, page: str, words: str) -> str:
        """A link to a page."""

    def title(self, page: str) -> str | None:
        """The title of a page; None if there is no such page."""


@dataclass
class _Draft:
    """The lines of a text while they are written: a line may become several, a block of its own, or nothing."""

    lines: list[str | None]
    blocks: dict[int, str] = field(default_factory=dict)
    #: First line and column, last line and the column after it, and what to write there.
    edits: list[tuple[int, int, int, int, str]] = field(default_factory=list)
    _cells: dict[int, int] = field(default_factory=dict)

    def replace(self, start: int, end: int, by: list[str]) -> None:
        """Put some lines in the place of others."""
        self.lines[start:end] = ["\n".join(by) if by else None, *[None] * (end - start - 1)]

    def column(self, at: int, content: str, *, is_cell: bool) -> int:
        """Where on a line the text of a block begins; -1 if the line does not hold it as it is."""
        whole = self.lines[at] or ""
        if whole.rstrip().endswith(content.rstrip()) and not is_cell:
            return len(whole.rstrip()) - len(content.rstrip())
        found = whole.find(content, self._cells.get(at, 0))
        if is_cell and found >= 0:
            self._cells[at] = found + len(content)
        return found

    def joined(self, start: int, end: int) -> str:
        """All that is left of some lines, a blank line around each block."""
        for top, left, bottom, right, by in sorted(self.edits, reverse=True):
            head, tail = self.lines[top] or "", self.lines[bottom] or ""
            self.replace(top, bottom + 1, [head[:left] + by + tail[right:]])
        done: list[str] = []
        text: list[str] = []
        for at in range(start, end + 1):
            line = self.lines[at] if at < end else None
            if at in self.blocks or at == end:
                done += [prose] if (prose := "\n".join(text).strip("\n")).strip() else []
                done += [self.blocks[at]] if self.blocks.get(at) else []
                text.clear()
            elif line is not None:
                text.append(line)
        return "\n\n".join(done)


class Writer:
    """Writes the text of one page.

    Args:
        page: The page.
        book: What it refers to.
        solutions: Whether to keep the solutions.
    """

    def __init__(self, page: Page, book: Surroundings, *, solutions: bool) -> None:
        self.page, self.book = page, book
        self.cited: set[str] = set()
        self._gone = [] if solutions else [(block.line, block.last) for block in page.solutions]

    def is_gone(self, line: int) -> bool:
        """Whether a line of the page is left out, since it belongs to a solution."""
        return any(first <= line <= last for first, last in self._gone)

    def written(self, text: Text) -> str:
        """Some text of the page as plain Markdown.

        Raises:
            PageError: It holds something that has no form in a notebook.
        """
        draft = _Draft(list(text.lines))
        taken = [False] * len(text.lines)
        before = ""
        for token in text.tokens:
            start, end = lines_of(token) if token.map else (0, 0)
            taken[start:end] = [True] * (end - start)
            if token.map and self.is_gone(text.line(token)):
                draft.replace(start, end, [])
            elif token.type == "inline":
                if before != "title":
                    self._write_inline(text, token, draft, is_cell=before in ("th_open", "td_open"))
            elif token.type == "heading_open" and token.level == 0 and text.line(token) == self.page.title_line:
                self._put(text, token, draft, "")  # the notebook's first cell has it
                before = "title"
                continue
            else:
                self._write_block(text, token, draft)
            before = token.type
        for at in range(text.start, text.end):
            if text.lines[at].strip() and not taken[at]:
                raise text.error(text.first + at, f"has no form in a notebook: {text.lines[at]}: {ADVICE}")
        return draft.joined(text.start, text.end)

    # Blocks

    def _write_block(self, text: Text, token: Token, draft: _Draft) -> None:
        if is_directive(token):
            self._put(text, token, draft, self._directive(text, text.directive(token)))
        elif token.type == "fence" and not token.info.lstrip().startswith("{"):
            if token.level == 0:
                start, end = lines_of(token)
                self._put(text, token, draft, "\n".join(text.lines[start:end]))
        elif token.type == "math_block":
            _require_whole(text, token, token.content)
            if (content := formulas.completed(token.content)) != token.content.strip():
                self._put(text, token, draft, _formula(content, ""))
        elif token.type == "math_block_label":
            _require_whole(text, token, token.content)
            name = self.book.numbers[self.page.name, text.line(token)]
            self._put(text, token, draft, _formula(token.content, name))
        elif token.type == "amsmath":
            _require_whole(text, token, token.content)
            if token.meta["numbered"] == "*":
                return
            name = self.book.numbers[self.page.name, text.line(token)]
            self._put(text, token, draft, _environment(token.content, token.meta["environment"], name))
        elif token.type in TRACELESS:
            self._erase(text, token, draft)
        elif token.type not in BLOCKS:
            raise text.error(token, f"{CALLED.get(token.type, token.type)} has no form in a notebook: {ADVICE}")

    def _put(self, text: Text, token: Token, draft: _Draft, block: str) -> None:
        """Put a block in the place of a token, with the indentation or the ``>`` of what it stands in."""
        start, end = lines_of(token)
        if token.level == 0:
            draft.replace(start, end, [])
            draft.blocks[start] = block
            return
        mark = token.markup[0] if token.markup else "\\"  # an environment of formulas has none
        first, rest = (text.lines[at][: text.lines[at].index(mark)] for at in (start, end - 1))
        lines = [(rest + line).rstrip() for line in block.split("\n")]
        lines[0] = (first + block.split("\n")[0]).rstrip()
        if start and text.lines[start - 1].strip(" >") and first == rest:
            lines.insert(0, rest.rstrip())
        if end < len(text.lines) and text.lines[end].strip(" >"):
            lines.append(rest.rstrip())
        draft.replace(start, end, lines if block or first.strip(" >") else [])

    def _erase(self, text: Text, token: Token, draft: _Draft) -> None:
        """Take away what leaves no trace, and one of the blank lines around it; the mark of a list before it stays."""
        start, end = lines_of(token)
        above = next((line for line in reversed(draft.lines[:start]) if line is not None), "")
        if not above.strip() and not "".join(text.lines[end : end + 1]).strip():
            end = min(end + 1, len(text.lines))
        before = text.lines[start][: text.lines[start].index(TRACELESS[token.type])]
        draft.replace(start, end, [before.rstrip()] if before.strip(" >") else [])

    def _directive(self, text: Text, found: Directive) -> str:
        name = found.name
        if name == "math":
            content = "\n".join(filter(None, [found.argument, found.body]))
            _require_whole(text, found.line, content)
            return _formula(content, self.book.numbers.get((self.page.name, found.line), ""))
        if name in ("exercise", "exercise-start"):
            kind = self.book.numbers.get((self.page.name, found.line), "Exercise")
            argument = self.plain(found.argument, found.line)
            head = f"**{kind}** ({argument})" if argument else f"**{kind}**"
            return self._with_body(head, found)
        if name in ("solution", "solution-start"):
            return self._with_body("**Solution**", found)
        if name in ("exercise-end", "solution-end", "only"):  # the last for what concerns the site and no notebook
            return ""
        if name in NOTES:
            body = found.text
            if found.argument:  # these take no title: what stands there is their first line
                body = Text.parse(found.page, f"{found.argument}\n{found.body}", found.body_line - 1)
            return self._note(name.capitalize(), body, folded=_is_folded(found))
        if name in ("admonition", "dropdown"):
            if not found.argument:
                raise text.error(found.line, f"{{{name}}} has no title: write it after the name")
            title = self.plain(found.argument, found.line)
            return self._note(title, found.text, folded=name == "dropdown" or _is_folded(found))
        raise text.error(found.line, f"the directive {{{name}}} has no form in a notebook: {ADVICE}")

    def _with_body(self, head: str, found: Directive) -> str:
        if "hidden" in found.options:
            raise self.page.error(found.line, f"{{{found.name}}} is hidden: a notebook has no way to hide it")
        if found.name.endswith("-start"):
            return head
        return f"{head}\n\n{self.written(found.text)}".rstrip()

    def _note(self, title: str, body: Text, *, folded: bool) -> str:
        inner = self.written(body)
        if folded:
            return f"<details><summary>{_inline_html(title)}</summary>\n\n{inner}\n\n</details>"
        quoted = "\n".join(f"> {line}".rstrip() for line in inner.splitlines())
        return f"> **{title}**\n>\n{quoted}"

    def plain(self, source: str, line: int) -> str:
        """A title, or the caption of a figure, as plain Markdown."""
        return self.written(Text.parse(self.page.name, source, line))

    # Roles and links

    def _write_inline(self, text: Text, block: Token, draft: _Draft, *, is_cell: bool) -> None:
        """Write the roles and links of a block out, and leave all else as it stands."""
        top, _ = lines_of(block)
        edits = self._edits(text, block, block.content, block.children or [])
        columns = [draft.column(top + row, line, is_cell=is_cell) for row, line in enumerate(block.content.split("\n"))]
        if edits and min(columns) < 0:
            raise text.error(block, "a role or a link after a tab, or beside an escaped `|`: write it otherwise")
        for first, last, by in edits:
            start, end = (_place(block.content, columns, each) for each in (first, last))
            head, *more = by.split("\n")
            for row, part in enumerate(more, start[0] + 1):
                row = min(row, end[0])
                head += "\n" + text.lines[top + row][: columns[row]] + part
            draft.edits.append((top + start[0], start[1], top + end[0], end[1], head))

    def _edits(self, text: Text, block: Token, source: str, spans: Sequence[Token]) -> list[tuple[int, int, str]]:
        """What to write instead of which characters of a block."""
        found: list[tuple[int, int, str]] = []
        end = 0
        for token in spans:
            first, last = token.meta.get("span", (0, 0))
            line = text.line(block) + source[:first].count("\n")
            if token.type in ("myst_role", "link_open") and first < end:
                continue  # inside a link that is written already
            if token.type == "myst_role":
                written = self._role(token.meta["name"].lower(), token.content, line)
                found.append((first, last, _with_its_brackets(written, source[:first], source[last:])))
            elif token.type == "link_open":
                if (link := self._link(text, block, source, spans, token, line)) is not None:
                    found.append((first, last, link))
                    end = last
            elif token.type == "image" and "://" in str(token.attrs["src"]):
                continue
            elif token.type not in SPANS:
                raise text.error(line, f"{CALLED.get(token.type, token.type)} has no form in a notebook: {ADVICE}")
            elif token.type == "text" and (problem := formulas.reference_in(token.content)):
                raise text.error(line, problem)
            elif token.type in ("math_inline", "math_inline_double"):
                _require_whole(text, line, token.content, display=token.type == "math_inline_double")
        return found

    def _role(self, name: str, source: str, line: int) -> str:
        content = " ".join(source.split())
        match name:
            case "glue:text":
                return self._number(content, line)
            case "cite" | "cite:p":
                return "[" + "; ".join(self._citation(key, "{}, {}", line) for key in content.split(",")) + "]"
            case "cite:t":
                return ", ".join(self._citation(key, "{} [{}]", line) for key in content.split(","))
            case "numref" | "ref" | "eq":
                words, _, label = content.removesuffix(">").partition("<")
                if label and content.endswith(">"):
                    return self._reference_to(label, words.rstrip(), line)
                return self._reference_to(content, "", line)
        raise self.page.error(line, f"the role {{{name}}} has no form in a notebook: {ADVICE}")

    def _number(self, content: str, line: int) -> str:
        try:
            return recorded_number(content)
        except KeyError:
            raise self.page.error(line, f"shows {content}, which claims.toml does not define: add it there") from None
        except ValueError as problem:
            raise self.page.error(line, f"shows {content}: {problem}") from None

    def _citation(self, key: str, pattern: str, line: int) -> str:
        key = key.strip()
        if key not in self.book.works:
            raise self.page.error(line, f"cites {key}, which references.bib does not hold: add it there")
        self.cited.add(key)
        return self.book.works.short(key, pattern)

    def _reference_to(self, label: str, words: str, line: int) -> str:
        if label not in self.book.labels:
            what = "which no chapter or exercise holds: correct the label"
            if label in self.book.named:
                what = "which has no number to be called by in a notebook: link to its page, `[words](page.md)`"
            raise self.page.error(line, f"a reference to {label!r}, {what}")
        found = self.book.labels[label]
        words = (words or found.name).replace("{number}", found.name.split()[-1])
        return words if found.page == self.page.name else self.book.link(found.page, words)

    def _link(
        self, text: Text, block: Token, source: str, spans: Sequence[Token], token: Token, line: int
    ) -> str | None:
        """A link written out; None if it stays as it is."""
        target = unquote(str(token.attrs["href"])).removeprefix("project:")
        is_elsewhere = "://" in target or target.startswith("mailto:")
        is_auto = token.info == "auto"
        if is_auto and target.lower().startswith(("http:", "https:", "mailto:")):
            return None
        if is_auto and (is_elsewhere or target == unquote(str(token.attrs["href"]))):
            raise self.page.error(line, f"<{target}> has no form in a notebook: write [words](address)")
        start, end = (0, 0) if is_auto else token.meta["words"]
        is_reference = not source.startswith("(", end + 1)
        if is_elsewhere and not is_reference and not is_auto:
            return None
        inside = [each for each in spans if each is not token and start <= each.meta.get("span", (-1,))[0] < end]
        words = source[start:end]
        for first, last, by in reversed(self._edits(text, block, source, inside)):
            words = words[: first - start] + by + words[last - start :]
        if is_elsewhere:
            title = re.sub(r'[\\"]', r"\\\g<0>", str(token.attrs.get("title", "")))
            title = f' "{title}"' if title else ""
            return f"[{words}]({token.attrs['href']}{title})"
        if target.startswith("#"):
            return self._reference_to(target[1:], words, line)
        file = target.partition("#")[0]
        name = posixpath.normpath(posixpath.join(posixpath.dirname(self.page.name), file)).removesuffix(".md")
        title_there = self.book.title(name)
        if title_there is None:
            raise self.page.error(line, f"a link to {target}, which is no page: correct it")
        return self.book.link(name, words or title_there)


def _with_its_brackets(written: str, before: str, after: str) -> str:
    """A citation whose brackets stay what they are where, with what follows, they would be a link or its address."""
    becomes_link = after.startswith(("(", "[", "{")) or (not before.strip() and ADDRESS.match(after))
    return re.sub(r"[][]", r"\\\g<0>", written) if written.endswith("]") and becomes_link else written


def _place(content: str, columns: list[int], at: int) -> tuple[int, int]:
    """The row and the column of a character of a block."""
    row = content[:at].count("\n")
    return row, columns[row] + at - (content.rfind("\n", 0, at) + 1)


def _is_folded(found: Directive) -> bool:
    return "dropdown" in found.options.get("class", "").split()


def _inline_html(markdown: str) -> str:
    """A title as HTML, since a notebook reads no Markdown inside HTML; its formulas stay between dollars."""
    parser = MarkdownIt("commonmark", {"html": False}).use(dollarmath_plugin)
    parser.add_render_rule("math_inline", lambda _, tokens, at, *__: f"${escapeHtml(tokens[at].content)}$")
    return str(parser.renderInline(markdown))


def _require_whole(text: Text, at: Token | int, formula: str, *, display: bool = True) -> None:
    """Require that a formula loses nothing in a notebook."""
    if problem := formulas.fault(formula, display=display):
        raise text.error(at, f"formula {formulas.short(formula)}: {problem}")


def _formula(content: str, name: str) -> str:
    """A formula with its number, which its name holds in brackets."""
    number = name.strip("()")
    return "$$\n" + formulas.completed(content) + (f" \\tag{{{number}}}" if number else "") + "\n$$"


def _environment(content: str, kind: str, name: str) -> str:
    """A formula that is an environment, with the one number that the site gives it."""
    if kind.endswith("matrix"):  # these can hold no number
        return _formula(content, name)
    begin, end = f"\\begin{{{kind}", f"\\end{{{kind}"
    body = content.strip().removeprefix(begin).removesuffix(end + "}").rstrip()
    return f"{begin}*{body} \\tag{{{name.strip('()')}}}\n{end}*}}"


def recorded_number(content: str) -> str:
    """The number that ``{glue:text}`` shows, as the mean of the recorded runs: ``98.0% (mean of 5 runs)``.

    Args:
        content: The id of a claim and a format, for example ``cnn-test-accuracy:.1%``.

    Raises:
        KeyError: There is no such claim.
        ValueError: The format is none for a number.
    """
    name, _, show = content.partition(":")
    one = claims.definitions()[name]
    if one.expected is not None:
        return format(claims.as_number(one.expected), show)
    recorded = claims.over_seeds().get(name)
    if recorded is None:
        return "(a number that has not been recorded yet)"
    if len(set(recorded.values)) == 1:  # the size of a part of the data, say
        return format(claims.as_number(recorded.values[0]), show)
    return f"{recorded.mean:{show}} (mean of {len(recorded.values)} runs)"
