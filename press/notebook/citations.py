"""The works of ``references.bib``, as a notebook cites and lists them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any

from press.faults import Fault
from press.myst import in_one_line
from press.page import PageError


class Works:
    """The works of a BibTeX file.

    Args:
        file: The file.
    """

    def __init__(self, file: Path) -> None:
        self.file = file

    @cached_property
    def _content(self) -> bytes:
        return self.file.read_bytes()

    @cached_property
    def _entries(self) -> dict[str, Any]:
        """The works by key.

        Raises:
            PageError: The file cannot be read.
        """
        return _parsed(self.file.name, self._content)

    def __contains__(self, key: str) -> bool:
        return key in self._entries

    def faults(self, keys: Iterable[str]) -> Iterator[Fault]:
        """Of some works, those that cannot be cited or listed as they are."""
        lines = self._content.decode("utf-8", errors="replace").lower().splitlines()
        for key in keys:
            if key in self and (what := self._lack(key)):
                line = next((at for at, line in enumerate(lines, 1) if f"{{{key.lower()}," in line.replace(" ", "")), 0)
                yield Fault(self.file.name, line, f"the work {key} cannot be listed, {what}: correct it")

    def _lack(self, key: str) -> str:
        """Why a work cannot be cited or listed; empty if it can."""
        from pybtex.errors import capture
        from pybtex.exceptions import PybtexError

        try:
            with capture() as missing:
                self.short(key, "{} {}")
                self.full(key)
        except PybtexError as problem:
            return in_one_line(str(problem))
        except KeyError as problem:
            return f"it has no author and no {problem.args[0]}"
        except AttributeError:
            return f"there is no kind of work @{self._entries[key].type}"
        return in_one_line(str(missing[0])) if missing else ""

    def short(self, key: str, pattern: str) -> str:
        """A work as the text cites it.

        Args:
            key: The work.
            pattern: How to put the authors and the year together, for example ``{}, {}``.
        """
        entry = self._entries[key]
        names = [" ".join(person.last_names) for person in entry.persons.get("author", entry.persons.get("editor", []))]
        names = [name.strip("{}") for name in names] or [entry.fields.get("organization", entry.fields["title"])]
        who = f"{names[0]} et al." if len(names) > 2 else " and ".join(names)
        return pattern.format(_plain(who), entry.fields.get("year", "n.d."))

    def full(self, key: str) -> str:
        """A work as the list of references gives it."""
        return _full(self.file.name, self._content, key)


@lru_cache(maxsize=4)
def _parsed(name: str, content: bytes) -> dict[str, Any]:
    """The works in a file with this name and content, by key."""
    from pybtex.database import parse_bytes
    from pybtex.exceptions import PybtexError

    try:
        return dict(parse_bytes(content, "bibtex", encoding="utf-8").entries)
    except (PybtexError, UnicodeDecodeError) as problem:
        what = f"not BibTeX, {in_one_line(str(problem))}: mend the work there"
        raise PageError(Fault(name, getattr(problem, "lineno", None) or 0, what)) from None


@lru_cache(maxsize=1000)
def _full(name: str, content: bytes, key: str) -> str:
    from pybtex.backends.plaintext import Backend

    text: str = _style().format_entry("", _parsed(name, content)[key]).text.render(Backend())
    return text.replace("*", r"\*")


@cache
def _style() -> Any:
    """How works are listed; slow to make."""
    from pybtex.style.formatting.plain import Style

    return Style()


def _plain(text: str) -> str:
    """A name from a BibTeX file without TeX's marks."""
    from pybtex.richtext import Text

    return str(Text.from_latex(text))
