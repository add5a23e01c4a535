"""An author's mistakes: where each stands, what it is, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Fault:
    """One mistake, said in one line.

    Attributes:
        file: The file, as a path from the book's folder, for example ``chapters/cnn.md``.
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
        return f"{self.file}:{self.line}: {self.what}" if self.line else f"{self.file}: {self.what}"
