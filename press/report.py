"""What Sphinx and its extensions warn of, as faults: one line each, once, with what to do."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.util.logging import NAMESPACE, WarningLogRecordTranslator, is_suppressed_warning

from press.faults import Fault


class Report(logging.Handler):
    """Collects the warnings of a Sphinx application.

    Args:
        app: The application; what it has warned of so far is not seen.
        tell: Called with each fault when it is found.
    """

    def __init__(self, app: Sphinx, tell: Callable[[Fault], None]) -> None:
        super().__init__(logging.WARNING)
        self.app = app
        self.tell = tell
        self.faults: dict[Fault, None] = {}
        self.addFilter(WarningLogRecordTranslator(app))  # makes a path and a line of each location
        logging.getLogger(NAMESPACE).addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Take note of a warning."""
        kind = (getattr(record, "type", None) or "", getattr(record, "subtype", None) or "")
        if is_suppressed_warning(*kind, self.app.config.suppress_warnings):
            return
        self.add(str(record.msg) % record.args if record.args else str(record.msg), getattr(record, "location", None))

    def add(self, text: str, location: Any = None) -> None:
        """Take note of what was said, about a place in Sphinx's form, and tell it if it is new."""
        fault = fault_of(text, location, Path(self.app.srcdir))
        if fault not in self.faults:
            self.faults[fault] = None
            self.tell(fault)


def fault_of(text: str, location: Any, root: Path) -> Fault:
    """A warning as a fault.

    Args:
        text: What Sphinx says, perhaps with details on further lines.
        location: Where, as Sphinx's log has it: ``path:line``, or less.
        root: The folder of the book.
    """
    file, _, line = str(location or "").rpartition(":")
    if not line.isdigit():
        file, line = str(location or "").rstrip(":"), "0"
    path = Path(file)
    if path.is_relative_to(root):
        file = path.relative_to(root).as_posix()
    first, _, details = text.strip().partition("\n")
    return Fault(file or "_config.yml", int(line), first, details)
