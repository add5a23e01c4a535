"""Whether recorded runs still say what a page computes: its code, its claims and its data then and now.

What counts is the syntax tree of the page's cells, figures left out (:mod:`press.record.syntax`), and the data. The
code of the package ``book`` does not count, nor do the versions of libraries: the runs say which they were made with.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from book.datasets import keras_files, sources
from book.datasets.dataset import DataError, datasets
from press.dependencies import datasets_used
from press.page import Page, plain_python
from press.record import syntax


@dataclass(frozen=True)
class Identity:
    """What identifies a page's computation on some data.

    Attributes:
        code: Of its statements.
        claims: Of each claim's expression, by id.
        data: Of the data; None where the data is not at hand.
    """

    code: str
    claims: Mapping[str, str]
    data: str | None

    @staticmethod
    def of_run(run: Mapping[str, Any]) -> Identity:
        """What a run was made with."""
        return Identity(run["code"], run["claims"], run["data"])


def code_identity(page: Page) -> syntax.Computation:
    """What identifies the computation of a page and its claims.

    Raises:
        PageError: A cell is not Python; the message says on which line.
    """
    parts = []
    for cell in page.code_cells:
        if cell.figure is not None:
            continue
        parts.append(plain_python(cell.source))
        try:
            ast.parse(parts[-1])
        except SyntaxError as problem:
            if "raises-exception" in cell.tags:  # what it shows is the error
                parts.pop()
                continue
            raise page.error(cell.line + (problem.lineno or 1) - 1, f"this is not Python: {problem.msg}") from None
    return syntax.computation_of("\n\n".join(parts))


def identity(page: Page, source: sources.Source | None) -> Identity:
    """What identifies a page's computation now; without a source its data is not compared.

    Raises:
        PageError: A cell is not Python; the message says on which line.
    """
    code = code_identity(page)
    return Identity(code.code, code.claims, source.fingerprint(datasets_used(page)) if source else None)


def reasons(runs: Sequence[Mapping[str, Any]], now: Identity) -> list[str]:
    """Why runs are stale: ``the code``, ``the claim ID``, ``the data``; nothing if they are not."""
    claims = [name for name, each in now.claims.items() if any(run["claims"].get(name) != each for run in runs)]
    named = [f"the claim{'s' * (len(claims) > 1)} {', '.join(claims)}"] if claims else []
    code = ["the code"] if any(run["code"] != now.code for run in runs) else []
    data = ["the data"] if now.data is not None and any(run["data"] != now.data for run in runs) else []
    # Where the statements are others, all claims are in question.
    return (code or named) + data


def source_at_hand(name: str) -> sources.Source | None:
    """The ``full`` data or the ``sample``, if it is on this machine; nothing is downloaded.

    Raises:
        DataError: ``BOOK_DATA`` names no folder, or Keras's file is not what it should be.
    """
    if name == "sample":
        try:
            return sources.resolve("sample")
        except DataError:
            return None
    setting = os.environ.get(sources.VARIABLE, "")
    if setting == "sample":
        return None
    originals = [file.name for dataset in datasets() for file in dataset.files if file.original]
    if setting in ("", "auto", "full") and not all((keras_files.folder() / name).is_file() for name in originals):
        return None
    source = sources.in_use()
    return source if source.name == name else None
