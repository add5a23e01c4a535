"""An author's mistakes: where each stands, what it is, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, order=True)
class Fault:
    """One mistake, said in one line.

    Attributes:
        file: The file, as a path from the book's folder, for example ``chapters/cnn.md``; empty if it is in none.
        line: The line, from 1; 0 if it is not known.
        what: What is wrong, and what to do.
        details: What else there is to know, on lines of its own, for example a traceback.
    """

    file: str
    line: int
    what: str
    details: str = ""

    def __str__(self) -> str:
        """``file:line: what``."""
        return ": ".join(filter(None, [f"{self.file}:{self.line}" if self.line else self.file, self.what]))


def not_yaml(file: str, problem: Exception, above: int = 0) -> Fault:
    """What to say of something that is not YAML: in one line, and where.

    Args:
        file: The file.
        problem: What the reader of YAML said, or that the file is not UTF-8.
        above: How many lines of the file stand above the YAML.
    """
    if isinstance(problem, UnicodeDecodeError):
        return Fault(file, 0, "not UTF-8: save the file with that encoding")
    mark: Any = getattr(problem, "problem_mark", None)
    line = above + mark.line + 1 if mark else above
    what = getattr(problem, "problem", None) or str(problem).splitlines()[0]
    return Fault(file, line, f"not YAML, {what}: mend this line or the one above it")
