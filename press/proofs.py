"""Proofreading: what is wrong with a page, or with the book, as far as it shows before anything is executed.

Nothing here needs Sphinx, which finds what only it knows: unknown directives, roles, works and cross-references.
"""

from __future__ import annotations

import ast
import json
import tomllib
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import fields, replace
from difflib import get_close_matches
from fnmatch import filter as matching
from functools import cache
from pathlib import Path
from typing import Any

from book import claims, recordings
from press.contents import Contents
from press.dependencies import PACKAGE
from press.faults import Fault
from press.notebook.citations import Works
from press.notebook.writing import Book
from press.page import NOTEBOOK, Cell, Page, PageError, plain_python
from press.settings import Settings

#: What a search engine shows of a page's description, in characters.
LONGEST_DESCRIPTION = 160
#: The tags of cells that something acts on: myst-nb, nbclient or the theme. An author may have others.
TAGS = (
    *("hide-cell", "hide-input", "hide-output", "remove-cell", "remove-input", "remove-output", "remove-stdout"),
    *("remove-stderr", "remove_cell", "remove_input", "remove_output", "raises-exception", "skip-execution"),
    *("scroll-output", "output_scroll", "margin", "full-width", "popout", "sidebar", "parameters", "answer", "check"),
)
#: What myst-nb takes from a cell's options below ``mystnb``, and below ``figure`` and ``image`` there.
MYSTNB = (
    *("merge_streams", "remove_code_source", "remove_code_outputs", "scroll_outputs", "code_prompt_show", "figure"),
    *("code_prompt_hide", "number_source_lines", "output_stderr", "text_lexer", "error_lexer", "image"),
    "markdown_format",
)
BELOW = {
    "figure": ("name", "caption", "caption_before", "classes", "align"),
    "image": ("alt", "class", "height", "width", "scale", "align"),
}
#: The kernel of every page, and what Jupyter also calls it.
KERNELS = ("python3", "python")
#: How alike two names are, from 0 to 1, of which one may be a slip of the other.
ALIKE = 0.86
DEFINITIONS = "book/claims.toml"


def own_faults(page: Page) -> list[Fault]:
    """What is wrong with a page that it shows by itself, sorted by line.

    Args:
        page: The page.
    """
    page = page if page.is_lenient else replace(page, is_lenient=True)
    try:
        _ = page.root
    except PageError as error:  # a fence that swallows what follows: all else would be guesswork
        return [error.fault]
    found = [error.fault for error in page.unreadable]
    found += _used_twice([page])
    for part in (_head, _structure, _numbers, _checks, _blocks):
        found += part(page)
    for cell in page.code_cells:
        found += _cell(page, cell)
    return sorted(set(found))


def faults(contents: Contents, root: Path) -> list[Fault]:
    """What is wrong with the book: each page by itself, and all together, sorted by file and line.

    Args:
        contents: The table of contents.
        root: The folder of ``_config.yml``.
    """
    found = faults_of_files(root, contents.pages)
    pages = []
    for name in contents.pages:
        try:
            pages.append(replace(Page.read(name, root), is_lenient=True))
        except PageError as error:
            found.append(error.fault)
    own = [fault for page in pages for fault in own_faults(page)]
    readable = [page for page in pages if not _is_unreadable(page)]
    found += [*own, *_used_twice(readable), *_claims_elsewhere(readable, root)]
    if len(readable) == len(contents.pages):
        found += _solutions_of_nothing(readable)
        found += _works(readable, root / "references.bib")
        found += _notebooks(root, {(fault.file, fault.line) for fault in found})
    return sorted(set(found))


def faults_of_files(root: Path, pages: Sequence[str] = ()) -> list[Fault]:
    """What is wrong with the files beside the pages: settings, references, claims and recorded runs.

    Args:
        root: The folder of ``_config.yml``.
        pages: The pages of the book; if given, no claim may name another one.
    """
    found: list[Fault] = []
    references = root / "references.bib"
    try:
        found += Settings(root).faults
    except PageError as error:
        found.append(error.fault)
    try:
        _ = references.is_file() and "" in Works(references)  # reads it
    except PageError as error:
        found.append(error.fault)
    found += _definitions()[1]
    if pages and claims.DEFINITIONS.is_relative_to(root.resolve()):
        found += [
            Fault(DEFINITIONS, line, f"the claim {one.id!r} is of {one.page}, which is no page in _toc.yml: correct it")
            for one, line in _definitions()[0].values()
            if one.page not in pages
        ]
    return [*found, *_not_json(recordings.FILE), *_not_json(PACKAGE / "sweeps/runs.jsonl")]


# The top of a page, and its parts


def _head(page: Page) -> Iterator[Fault]:
    """The front matter: whether it can be read, makes a notebook of a page with cells, and describes the page."""
    try:
        head: Any = page.front_matter
    except PageError as error:
        yield error.fault
        return
    if page.code_cells and not page.is_executed:
        is_low = page.source.lstrip().startswith("---") and not page.source.startswith("---")
        above = "begin the first line of the file with `---`, and " if is_low else ""
        yield _fault(
            page,
            1,
            f"no code of this page would be executed, since the front matter does not say that it is a notebook: "
            f"{above}write `{NOTEBOOK}` there",
        )
    kernel = head.get("kernelspec")
    name = kernel.get("name") if isinstance(kernel, dict) else None
    if page.code_cells and kernel is not None and not isinstance(name, str):
        yield _fault(page, 1, "the kernel has no name: write `kernelspec: {name: python3, display_name: Python 3}`")
    elif name and name not in KERNELS and get_close_matches("".join(name.lower().split()), KERNELS, 1, ALIKE - 0.05):
        yield _fault(page, 1, f"no kernel is called {name!r}: write `kernelspec: {{name: python3, ...}}`")
    below = head
    for name in ("myst", "html_meta"):
        below = below.get(name) if isinstance(below, dict) else None
    described = [value for name, value in below.items() if str(name).split()[0] == "description"] if below else []
    if not described or not isinstance(described[0], str) or not described[0].strip():
        yield _fault(page, 1, "the page has no description: write `myst: {html_meta: {description: ...}}` at its top")
    elif (length := len(described[0])) > LONGEST_DESCRIPTION:
        what = f"the description has {length} characters: at most {LONGEST_DESCRIPTION} are shown where it is found"
        yield _fault(page, 1, what)


def _structure(page: Page) -> Iterator[Fault]:
    """The title, the cells that are none, and the images without words."""
    try:
        _ = page.title
    except PageError as error:
        yield error.fault
    for line in page.title_lines[1:]:
        yield _fault(page, line, "a second title: write `## ` before a heading below the first")
    for line in page.misplaced_cells:
        what = "this code cell would not be executed: set it between backticks, from the first column, in no list, "
        yield _fault(page, line, f"{what}quotation or directive")
    for line in page.images_without_words:
        what = "this image has no alternative text: say what it shows, `![...](file)` or `:alt: ...`"
        yield _fault(page, line, what)


def _used_twice(pages: Sequence[Page]) -> Iterator[Fault]:
    """Labels that stand twice: Sphinx knows them in small letters."""
    seen: dict[str, str] = {}
    for page in pages:
        for each in page.labels:
            there = seen.setdefault(" ".join(each.label.lower().split()), f"{page.name}.md:{each.line}")
            if there != f"{page.name}.md:{each.line}":
                what = f"the label {each.label!r} stands at {there} too: rename one of the two, and what refers to it"
                yield _fault(page, each.line, what)


# Cells


def _cell(page: Page, cell: Cell) -> Iterator[Fault]:
    """The options of a cell, and whether it is Python."""
    first = cell.source.lstrip().partition("\n")[0].rstrip()
    if first == "---" or first.startswith(":"):
        what = "the options of this cell are written twice, or not from its first line: write all between lines `---`"
        yield _fault(page, cell.line, what)
        return
    for what in (*_tags(cell), *_options(cell), *_figure(cell)):
        yield _fault(page, cell.line, what)
    if not {"raises-exception", "skip-execution"} & {*cell.tags} and _is_python(page):
        try:
            # As a notebook's kernel compiles it: `await` may stand at the top, `return` may not.
            flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
            with warnings.catch_warnings(action="ignore"):  # the kernel says them, on the page
                compile(plain_python(cell.source), "", "exec", flags=flags, dont_inherit=True)
        except (SyntaxError, ValueError) as problem:
            line = cell.line + (getattr(problem, "lineno", None) or 1) - 1
            why = f"{type(problem).__name__}: {getattr(problem, 'msg', problem)}"
            what = f"this is not Python, {why}. Mend it, or give the cell the tag raises-exception"
            yield _fault(page, line, what)


def _is_python(page: Page) -> bool:
    try:
        kernel = page.front_matter.get("kernelspec")
    except PageError:
        return False
    language = kernel.get("language") if isinstance(kernel, dict) else None
    return str(language or "python").lower().startswith("python")


def _tags(cell: Cell) -> Iterator[str]:
    for tag in cell.tags:
        plain = "-".join(tag.lower().replace("_", "-").split())
        meant = get_close_matches(plain, TAGS, 1, ALIKE)
        if tag not in TAGS and meant:
            yield f"the tag {tag!r} does nothing: write {meant[0]!r}"
        elif "," in tag:
            yield f"the tags {tag!r} are one text: write them as a list, `tags: [{tag}]`"


def _options(cell: Cell) -> Iterator[str]:
    """Options that nothing acts on."""
    for name in map(str, cell.metadata):
        if name in MYSTNB:
            yield f"the option {name!r} does nothing there: write it below `mystnb:`"
        elif name not in ("tags", "mystnb") and (meant := get_close_matches(name.lower(), ("tags", "mystnb"), 1, 0.7)):
            yield f"the option {name!r} does nothing: write {meant[0]!r}"
    if not isinstance(cell.metadata.get("mystnb") or {}, dict):
        yield "below `mystnb:` stand names and values: write for example `mystnb: {image: {alt: ...}}`"
    yield from _unknown(cell.mystnb, "mystnb", MYSTNB)
    for part, known in BELOW.items():
        below = cell.mystnb.get(part) or {}
        if isinstance(below, dict):
            yield from _unknown(below, part, known)
        else:
            yield f"below `{part}:` stand names and values: write for example `{part}: {{{known[0]}: ...}}`"


def _unknown(options: Mapping[Any, Any], part: str, known: Sequence[str]) -> Iterator[str]:
    for name in map(str, options):
        if name not in known:
            meant = get_close_matches(name.lower(), known, 1) or [f"one of {', '.join(known)}"]
            yield f"the option {name!r} below `{part}:` does nothing: write {meant[0]}"


def _figure(cell: Cell) -> Iterator[str]:
    """What a figure lacks; nothing where its options are wrong already."""
    if cell.figure is None or [*_options(cell)]:
        return
    there = {
        "name (`figure: {name: ...}`)": cell.figure.get("name"),
        "caption (`figure: {caption: ...}`)": cell.figure.get("caption"),
        "alternative text (`image: {alt: ...}`)": (cell.mystnb.get("image") or {}).get("alt"),
    }
    if missing := [what for what, value in there.items() if not str(value or "").strip()]:
        yield f"this figure has no {' and no '.join(missing)}: write it below `mystnb:`"


# Numbers


def _numbers(page: Page) -> Iterator[Fault]:
    """Numbers that the page shows or registers, and that are none."""
    defined, broken = _definitions()
    calls = page.calls("claim")
    if broken and (calls or page.claims_shown):
        yield from broken
        return
    registered: dict[str, int] = {}
    for call in calls:
        if not _meant(defined, call.argument):
            yield _fault(page, call.line, f"registers {call.argument!r}, {_undefined(call.argument, defined)}")
        if call.argument in registered and not call.is_conditional and "*" not in call.argument:
            what = (
                f"registers {call.argument!r} again, as line {registered[call.argument]} does: take one of the two out"
            )
            yield _fault(page, call.line, what)
        if not call.is_conditional:
            registered.setdefault(call.argument, call.line)
    others = {call.argument for call in page.calls("glue")}  # myst-nb's own
    for role in page.claims_shown:
        where, _, content = role.content.rpartition("::")
        name, _, show = content.partition(":")
        if name in others:
            continue
        if name not in defined:
            yield _fault(page, role.line, f"shows {name!r}, {_undefined(name, defined)}")
        elif not where and not any(_meant([name], call.argument) for call in calls):
            of = defined[name][0].page
            hint = f"register it in a cell, `claim({name!r}, ...)`"
            hint = hint if of == page.name else f"it is of {of}: give this page a number of its own"
            yield _fault(page, role.line, f"shows {name!r}, which no cell of this page registers: {hint}")
        if not _is_format(show):
            what = f"shows {name!r} with the format {show!r}, which is none for a number: write for example `.1%`"
            yield _fault(page, role.line, what)


def _meant(ids: Iterable[str], argument: str) -> list[str]:
    """The claims that a call registers; a ``*`` of its argument stands for what is computed."""
    return matching(ids, argument) if "*" in argument else [name for name in ids if name == argument]


def _undefined(name: str, defined: Mapping[str, Any]) -> str:
    meant = get_close_matches(name, defined, 1, ALIKE)
    hint = f"{meant[0]!r} is there" if meant else "add it there, or correct the name"
    return f"which {DEFINITIONS} does not define: {hint}"


def _is_format(show: str) -> bool:
    """Whether a format is one for a whole number or for any other."""
    for number in (1, 1.0):
        try:
            format(number, show)
        except ValueError:
            continue
        return True
    return False


def _claims_elsewhere(pages: Sequence[Page], root: Path) -> Iterator[Fault]:
    """Claims that another page registers than ``claims.toml`` says, or no page."""
    if not claims.DEFINITIONS.is_relative_to(root.resolve()):
        return  # those of the package are of its own pages
    missing = dict(_definitions()[0])
    for page in pages:
        for call in page.calls("claim"):
            for name in _meant(_definitions()[0], call.argument):
                missing.pop(name, None)
                of = _definitions()[0][name][0].page
                if of != page.name and "*" not in call.argument:
                    yield _fault(
                        page, call.line, f"registers {name!r}, which {DEFINITIONS} says is of {of}: correct one"
                    )
    there = {page.name for page in pages}
    for name, (one, line) in missing.items():
        if one.page in there:
            yield Fault(DEFINITIONS, line, f"no cell of {one.page}.md registers {name!r}: register it, or take it out")


def _definitions() -> tuple[dict[str, tuple[claims.Claim, int]], list[Fault]]:
    """The claims of ``claims.toml`` by id, each with its line, and what is wrong with the file."""
    try:
        return _defined(claims.DEFINITIONS.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        return {}, [Fault(DEFINITIONS, 0, "not UTF-8: save the file with that encoding")]


@cache
def _defined(text: str) -> tuple[dict[str, tuple[claims.Claim, int]], list[Fault]]:
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        what, _, at = str(problem).removesuffix(")").partition(" (at ")
        number = at.partition("line ")[2].partition(",")[0] or len(text.splitlines())
        return {}, [Fault(DEFINITIONS, int(number), f"not TOML, {what}: mend this line or the one above it")]
    lines = [number for number, line in enumerate(text.split("\n"), 1) if line.partition("#")[0].strip() == "[[claim]]"]
    found: dict[str, tuple[claims.Claim, int]] = {}
    wrong = [Fault(DEFINITIONS, 0, f"{name!r} is unknown: write [[claim]]") for name in tables if name != "claim"]
    entries = tables.get("claim", [])
    if not isinstance(entries, list) or len(lines) != len(entries):
        return {}, [*wrong, Fault(DEFINITIONS, 0, "each claim begins with a line [[claim]]: write it so")]
    for entry, line in zip(entries, lines, strict=True):
        problems = list(_problems_of(entry))
        if not problems and entry["id"] in found:
            problems = [f"the claim {entry['id']!r} stands at line {found[entry['id']][1]} too: give one another id"]
        wrong += [Fault(DEFINITIONS, line, what) for what in problems]
        if not problems:
            found[entry["id"]] = claims.Claim(**entry), line
    return found, wrong


def _problems_of(entry: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with one claim of ``claims.toml``."""
    known = [each.name for each in fields(claims.Claim)]
    unknown = [name for name in entry if name not in known]
    for name in unknown:
        meant = get_close_matches(name, known, 1) or [f"one of {', '.join(known)}"]
        yield f"the field {name!r} of a claim is unknown: write {meant[0]}"
    for name in ("id", "page", "what", "show"):
        if not isinstance(entry.get(name), str) and not unknown:
            yield f'a claim needs its {name}: write {name} = "..."'
    given = [name for name in ("expected", "above", "below") if name in entry]
    for name in (*given, *(name for name in ("original",) if name in entry)):
        if not isinstance(entry[name], int | float):
            yield f"the field {name!r} of a claim is a number: write it without quotes"
    if len(given) > 1:
        yield f"a claim takes one of expected, above and below: take {given[1]} out"
    if entry.get("data", "full") not in ("full", "sample", "any"):
        yield "the field 'data' of a claim is full, sample or any: write one of them"
    if not _is_format(str(entry.get("show", ""))):
        yield f"the format {entry['show']!r} is none for a number: write for example .1%"


# Exercises


def _checks(page: Page) -> Iterator[Fault]:
    """Checks of exercises that no checker has."""
    nodes = [node for cell in page.code_cells for node in ast.walk(cell.tree or ast.Module([], []))]
    if not any(isinstance(node, ast.ImportFrom) and (node.module or "").startswith("book.checks") for node in nodes):
        return  # its `check` is another one
    known = checkers()
    for call in page.calls("check"):
        if "*" not in call.argument and call.argument not in known:
            meant = get_close_matches(call.argument, known, 1) or [""]
            module = f"book/checks/{call.argument.partition('/')[0].replace('-', '_')}.py"
            hint = f", or do you mean {meant[0]!r}?" if meant[0] else ""
            yield _fault(page, call.line, f"no checker is called {call.argument!r}: write it in {module}{hint}")


def checkers() -> set[str]:
    """The exercises that have a checker, as the modules of ``book.checks`` are written; none is imported."""
    return {name for path in (PACKAGE / "checks").glob("*.py") for name in _checkers(path.read_text(encoding="utf-8"))}


@cache
def _checkers(source: str) -> frozenset[str]:
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except SyntaxError:
        return frozenset()
    marks = [mark for node in nodes if isinstance(node, ast.FunctionDef) for mark in node.decorator_list]
    calls = [mark for mark in marks if isinstance(mark, ast.Call) and mark.args]
    named = [mark.args[0] for mark in calls if getattr(mark.func, "id", getattr(mark.func, "attr", "")) == "checker"]
    return frozenset(str(each.value) for each in named if isinstance(each, ast.Constant))


def _blocks(page: Page) -> Iterator[Fault]:
    """Exercises and solutions that are not closed, and those without a label."""
    try:
        for block in page.exercises:
            if not block.label:
                yield _fault(page, block.line, "this exercise has no label: write `:label: exercise-CHAPTER-NUMBER`")
        for block in page.solutions:
            if not block.label:
                what = "this solution does not say of which exercise: write the exercise's label after the name"
                yield _fault(page, block.line, what)
    except PageError as error:
        yield error.fault


def _solutions_of_nothing(pages: Sequence[Page]) -> Iterator[Fault]:
    """Solutions of exercises that are on no page."""
    try:
        labels = {block.label for page in pages for block in page.exercises}
        for page in pages:
            for block in page.solutions:
                if block.label and block.label not in labels:
                    meant = get_close_matches(block.label, labels, 1) or ["the label of one"]
                    what = f"a solution of {block.label!r}, which is the label of no exercise: write {meant[0]}"
                    yield _fault(page, block.line, what)
    except PageError:
        return  # the page says it by itself


# The whole book


def _works(pages: Iterable[Page], references: Path) -> Iterator[Fault]:
    """The works that pages cite and that cannot be listed."""
    roles = [role.content for page in pages for role in page.roles if role.name.startswith("cite")]
    keys = dict.fromkeys(key.strip() for content in roles for key in content.split(","))
    with suppress(PageError):  # a file that cannot be read is said already
        yield from Works(references).faults(keys) if references.is_file() else ()


def _notebooks(root: Path, known: set[tuple[str, int]]) -> Iterator[Fault]:
    """What has no place in a notebook; nothing of a line of which something is ``known`` to be wrong."""
    try:
        book = Book(root)
        errors = [error for name in book.pages for error in book.errors(name)]
    except PageError as problem:
        errors = [problem]
    yield from (error.fault for error in errors if (error.fault.file, error.fault.line) not in known)


def _is_unreadable(page: Page) -> bool:
    try:
        return bool(page.unreadable)
    except PageError:
        return True


def _not_json(path: Path) -> Iterator[Fault]:
    """Whether a file of recorded runs is damaged."""
    name = f"{PACKAGE.name}/{path.relative_to(PACKAGE).as_posix()}" if path.is_relative_to(PACKAGE) else path.name
    undo = "take it back from version control, `git checkout`"
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else "{}"
    except UnicodeDecodeError:
        yield Fault(name, 0, f"not UTF-8: {undo}")
        return
    parts = enumerate(text.splitlines(), 1) if path.suffix == ".jsonl" else [(1, text)]
    for line, part in parts:
        try:
            json.loads(part)
        except json.JSONDecodeError as problem:
            yield Fault(name, line + problem.lineno - 1, f"not JSON, {problem.msg}: {undo}")


def _fault(page: Page, line: int, what: str) -> Fault:
    return Fault(f"{page.name}.md", line, what)
