"""What Sphinx and its extensions warn of, as faults: one line each, once, with what to do."""

from __future__ import annotations

import difflib
import logging
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from docutils.parsers.rst import directives, roles
from docutils.parsers.rst.languages import en
from sphinx.application import Sphinx
from sphinx.util.logging import NAMESPACE, WarningLogRecordTranslator, is_suppressed_warning

from press.faults import Fault

#: What is said of a name that there is not: what Sphinx says of it, ours, and where such names are known.
UNKNOWN: list[tuple[str, str, Callable[[Any], Iterable[str]]]] = [
    (
        r'Unknown interpreted text role "([^"]*)"',
        "there is no role {{{}}}",
        lambda env: [*en.roles, *_registered(roles, "_roles"), *env.domains["std"].roles],
    ),
    (
        r"Unknown directive type: '([^']*)'",
        "there is no directive {{{}}}",
        lambda env: [*en.directives, *_registered(directives, "_directives"), *env.domains["std"].directives],
    ),
    (
        r'could not find bibtex key "([^"]*)"',
        "there is no work {} in references.bib",
        lambda env: env.domains["cite"].bibdata.data.entries,
    ),
    (r"equation not found: (\S+)", "no formula is labelled {}", lambda env: env.domains["math"].equations),
    (
        r"term not in glossary: '([^']*)'",
        "the glossary has no term {}",
        lambda env: [name for kind, name in env.domains["std"].objects if kind == "term"],
    ),
    (r"unknown document: '([^']*)'", "there is no page {}", lambda env: env.found_docs),
    (
        r"(?:undefined label: |'myst' cross-reference target not found: )'?([^' ]*)'?",
        "nothing is labelled {}",
        lambda env: [*env.domains["std"].anonlabels, *env.domains["math"].equations],
    ),
    (r"local id not found in doc '[^']*': '([^']*)'", "that page has no heading or label {}", lambda env: []),
    (r"(?:image|download) file not readable: (.*)", "there is no file {}", lambda env: []),
]
#: What to do about a name that there is not, where none is like it.
CORRECT = "correct the name, or add what it stands for"
#: What to do about the rest, by how the warning begins.
ADVICE = {
    "Non-consecutive header level": "use the next level, one `#` more than the heading above it",
    "formula": "correct the LaTeX",
    "Content block expected": "write its text below it, or take it out",
    "Directive '": "see how it is written elsewhere in the book",
}


class Report(logging.Handler):
    """Collects the warnings of a Sphinx application.

    Args:
        app: The application; what it has warned of so far is not seen.
        tell: Called with each fault when it is found.

    Attributes:
        faults: What was found, each once, in order.
    """

    def __init__(self, app: Sphinx, tell: Callable[[Fault], None]) -> None:
        super().__init__(logging.WARNING)
        self.app = app
        self.tell = tell
        self.faults: dict[Fault, None] = {}
        self.translator = WarningLogRecordTranslator(app)
        logging.getLogger(NAMESPACE).addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Take note of a warning."""
        if not isinstance(getattr(record, "location", None), str):  # Sphinx's own handler may have been first
            self.translator.filter(record)  # type: ignore[arg-type]
        kind = (getattr(record, "type", None) or "", getattr(record, "subtype", None) or "")
        if is_suppressed_warning(*kind, self.app.config.suppress_warnings):
            return
        self.add(str(record.msg) % record.args if record.args else str(record.msg), getattr(record, "location", None))

    def add(self, text: str, location: Any = None) -> None:
        """Take note of what was said, about a place in Sphinx's form, and tell it if it is new."""
        fault = fault_of(text, location, Path(self.app.srcdir), getattr(self.app, "env", None))
        if fault not in self.faults:
            self.faults[fault] = None
            self.tell(fault)


def fault_of(text: str, location: Any, root: Path, env: Any) -> Fault:
    """A warning as a fault.

    Args:
        text: What Sphinx says, perhaps with details on further lines.
        location: Where, as Sphinx's log has it: ``path:line``, or less.
        root: The folder of the book.
        env: Sphinx's environment, which knows what there is; None before it is made.
    """
    file, _, line = str(location or "").rpartition(":")
    if not line.isdigit():
        file, line = str(location or "").rstrip(":"), "0"
    path = Path(file)
    if path.is_relative_to(root):
        file = path.relative_to(root).as_posix()
    if file and (root / f"{file}.md").is_file():  # the name of a page
        file += ".md"
    first, _, details = text.strip().replace(f"{root}/", "").partition("\n")
    return Fault(file or "_config.yml", int(line), said(re.sub(r" \[[\w.-]+\]$", "", first), env), details)


def said(text: str, env: Any) -> str:
    """What is wrong, in the words of an author, and what to do.

    Args:
        text: What Sphinx says, in one line.
        env: Sphinx's environment, or None.
    """
    if found := re.fullmatch(r"duplicate label (.*), other instance in (.*)", text):
        return f"the label {found[1]} stands in {found[2]} too: give one of the two another name"
    for pattern, words, known in UNKNOWN if env is not None else ():
        if found := re.match(pattern, text):
            like = difflib.get_close_matches(found[1], [str(each) for each in known(env) if str(each) != found[1]], 1)
            return f"{words.format(found[1])}: {f'did you mean {like[0]}?' if like else CORRECT}"
    advice = next((what for begin, what in ADVICE.items() if text.startswith(begin)), "")
    return f"{text.rstrip('.')}: {advice}" if advice else text


def _registered(module: Any, table: str) -> Iterable[str]:
    """The names that extensions have given docutils, which has no public list of them."""
    found: dict[str, Any] = getattr(module, table, {})
    return found
