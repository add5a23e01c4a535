"""The numbers that the prose relies on: registered where they are measured, checked after every build.

A page calls :func:`claim` with a value that it has just computed, and a sentence shows it with
``{glue:text}`id:format```. ``claims.toml`` says what each claim is and what must hold; ``recorded.json`` holds
what the same code gave over several seeds (``book record claims``). This module needs neither Sphinx nor myst_nb.
"""

from __future__ import annotations

import math
import statistics
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from book import outputs, recordings

HERE = Path(__file__).parent
DEFINITIONS = HERE / "claims.toml"

#: A range is computed from at least this many seeds.
ENOUGH_SEEDS = 5

#: Values registered by :func:`claim` in this process, by id.
registered: dict[str, float] = {}


@dataclass(frozen=True)
class Claim:
    """One claim of ``claims.toml``.

    Attributes:
        id: The name that pages use, unique in the book.
        page: The page that measures it, for example ``chapters/cnn``.
        what: What is measured, in words; the row's title on the page *Results*.
        show: A format specification for the number, for example ``.1%``.
        original: The value in the course notes that the book grew from, where they gave one.
        expected: The exact value, for a number that does not depend on training.
        above: For a comparison in words (*beats*, *rises*): the value must be greater than this.
        below: Likewise: the value must be less than this.
        data: Where it must hold: on ``full`` data only, on the packaged ``sample`` too, or on ``any`` data.
    """

    id: str
    page: str
    what: str
    show: str
    original: float | None = None
    expected: float | None = None
    above: float | None = None
    below: float | None = None
    data: Literal["full", "sample", "any"] = "full"


@dataclass(frozen=True)
class Recorded:
    """What several seeds gave for one claim: one value a seed, on the full data."""

    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        """The mean over the seeds."""
        return statistics.fmean(self.values)

    @property
    def spread(self) -> float:
        """The sample standard deviation over the seeds, with n - 1 in the denominator."""
        return statistics.stdev(self.values)

    @property
    def interval(self) -> tuple[float, float]:
        """The 99.9 % prediction interval for one further seed: mean ± t · s · sqrt(1 + 1/n).

        Source: Hahn, G. J. and Meeker, W. Q. (1991), Statistical Intervals, section 4.7.
        """
        from scipy.special import stdtrit  # only the check needs SciPy, not the reader's notebook

        n = len(self.values)
        half = float(stdtrit(n - 1, 0.9995)) * self.spread * math.sqrt(1 + 1 / n)
        return self.mean - half, self.mean + half


@dataclass(frozen=True)
class Verdict:
    """Whether a claim holds in this build: ``holds`` is None where it was not checked, ``must`` says what must hold."""

    claim: Claim
    value: float
    holds: bool | None
    must: str


@cache
def definitions(path: Path = DEFINITIONS) -> dict[str, Claim]:
    """The claims of ``claims.toml`` by id.

    Raises:
        ValueError: An id stands twice, or an entry has an unknown or a missing field.
    """
    claims: dict[str, Claim] = {}
    for entry in tomllib.loads(path.read_text(encoding="utf-8")).get("claim", []):
        try:
            one = Claim(**entry)
        except TypeError as error:
            raise ValueError(f"{path.name}: claim {entry.get('id', entry)!r}: {error}") from None
        if [one.expected, one.above, one.below].count(None) < 2:
            raise ValueError(f"{path.name}: claim {one.id!r} takes one of expected, above and below")
        if one.id in claims:
            raise ValueError(f"{path.name}: the claim {one.id!r} stands twice; give one of them another id")
        claims[one.id] = one
    return claims


@cache
def over_seeds(path: Path = recordings.FILE) -> dict[str, Recorded]:
    """What the seeds gave, by claim id; empty where nothing has been recorded."""
    values: dict[str, list[float]] = {}
    for run in recordings.runs(path):
        if run["source"] != "full":
            continue
        for name, value in run["values"].items():
            values.setdefault(name, []).append(value)
    return {name: Recorded(tuple(each)) for name, each in values.items()}


def claim(name: str, value: Any) -> None:
    """Register a measured number under its id, so that a sentence can show it and the build can check it.

    In a notebook nothing visible happens: see :mod:`book.outputs`.

    Args:
        name: The id of an entry in ``claims.toml``.
        value: A number: Python's, NumPy's, or a boolean (True is 1).

    Raises:
        KeyError: ``claims.toml`` has no such id.
        TypeError: The value is not one number.
    """
    if name not in definitions():
        raise KeyError(f"no claim {name!r} in {DEFINITIONS}: add an entry with this id there")
    if getattr(value, "ndim", 0) or isinstance(value, str):
        raise TypeError(f"claim {name!r} takes one number, not {value!r}")
    plain = registered[name] = as_number(value)
    outputs.tell("claim", {"id": name, "value": plain}, name=name, text=repr(plain))


def as_number(value: Any) -> float | int:
    """A whole number as an int, and any other as a float, so that both print as people write them."""
    number = float(value)
    return int(number) if number.is_integer() else number


def judge(one: Claim, value: float, data: str, spread: Recorded | None) -> Verdict:
    """Say whether a claim holds.

    Args:
        one: The claim.
        value: What this build measured.
        data: The data of this build: ``full``, ``sample``, or anything else for a folder with fewer rows.
        spread: What the seeds gave, if recorded.
    """
    enough = spread if spread is not None and len(spread.values) >= ENOUGH_SEEDS else None
    show = one.show
    if one.expected is not None:
        must, holds = f"{one.expected:{show}}", math.isclose(value, one.expected)
    elif one.above is not None:
        must, holds = f"above {one.above:{show}}", value > one.above
    elif one.below is not None:
        must, holds = f"below {one.below:{show}}", value < one.below
    elif enough is not None:
        low, high = enough.interval
        if show.endswith("%") and all(0 <= each <= 1 for each in enough.values):
            low, high = max(low, 0), min(high, 1)  # a share
        must, holds = f"{low:{show}} to {high:{show}}", low <= value <= high
    else:
        return Verdict(one, value, None, f"fewer than {ENOUGH_SEEDS} recorded seeds: run `book record claims`")
    where = {"full": ("full",), "sample": ("full", "sample"), "any": (data,)}[one.data]
    return Verdict(one, value, holds if data in where else None, must)
