from __future__ import annotations

import math
import statistics
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from book import claims, recordings
from book.claims import Claim, Recorded, judge
from conftest import ROOT
from press.page import Page
from press.record import staleness
from press.record.store import Store

ONE = Claim(id="a", page="chapters/a", what="an accuracy", show=".1%")


def test_the_interval_is_the_99_9_percent_prediction_interval() -> None:
    five = Recorded((0.1, 0.2, 0.3, 0.4, 0.5))
    low, high = five.interval
    # mean ± 9.4 s for 5 seeds, mean ± 5.0 s for 10: t tables at 0.9995 give 8.610 and 4.781.
    assert (high - low) / 2 / five.spread == pytest.approx(8.610 * math.sqrt(1 + 1 / 5), rel=1e-3)
    ten = Recorded(tuple(np.linspace(0, 1, 10)))
    low, high = ten.interval
    assert (high - low) / 2 / ten.spread == pytest.approx(4.781 * math.sqrt(1 + 1 / 10), rel=1e-3)
    assert five.mean == pytest.approx(0.3)


def test_the_interval_covers_one_further_draw() -> None:
    draws = np.random.default_rng(0).normal(size=(20_000, 6))
    outside = 0
    for row in draws[:2000]:
        low, high = Recorded(tuple(row[:5])).interval
        outside += not low <= row[5] <= high
    assert outside <= 10  # 2 expected; the Poisson chance of more than 10 is below 1e-5


@pytest.mark.parametrize(
    ("one", "value", "data", "spread", "holds"),
    [
        (ONE, 0.88, "full", Recorded((0.87, 0.88, 0.89, 0.88, 0.88)), True),
        (ONE, 0.50, "full", Recorded((0.87, 0.88, 0.89, 0.88, 0.88)), False),
        (ONE, 0.50, "sample", Recorded((0.87, 0.88, 0.89, 0.88, 0.88)), None),
        (ONE, 0.88, "full", None, None),
        (ONE, math.nan, "full", Recorded((0.87, 0.88, 0.89, 0.88, 0.88)), False),
        (ONE, math.nan, "part", None, None),
        (Claim("a", "p", "parameters", ",", expected=93322, data="any"), 93322, "part", None, True),
        (Claim("a", "p", "parameters", ",", expected=93322, data="any"), 93321, "part", None, False),
        (Claim("a", "p", "images", ",", expected=60000), 4000, "sample", None, None),
        (Claim("a", "p", "beats", ".1%", above=0.0, data="sample"), 0.01, "sample", None, True),
        (Claim("a", "p", "beats", ".1%", above=0.0, data="sample"), -0.01, "sample", None, False),
        (Claim("a", "p", "beats", ".1%", above=0.0, data="sample"), -0.01, "part", None, None),
        (Claim("a", "p", "dead units", ".1%", below=0.05), 0.0, "full", None, True),
        (Claim("a", "p", "dead units", ".1%", below=0.05), 0.05, "full", None, False),
    ],
)
def test_verdicts(one: Claim, value: float, data: str, spread: Recorded | None, holds: bool | None) -> None:
    assert judge(one, value, data, spread).holds is holds


def test_a_claim_takes_one_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "definitions", lambda: {"a": ONE})
    monkeypatch.setattr(claims, "registered", {})
    claims.claim("a", np.float32(0.5))
    assert claims.registered == {"a": 0.5}
    with pytest.raises(KeyError, match="add an entry"):
        claims.claim("b", 1)
    with pytest.raises(TypeError, match="one number"):
        claims.claim("a", np.ones(3))


def test_a_claim_twice_in_the_file_is_an_error(tmp_path: Path) -> None:
    entry = '[[claim]]\nid = "a"\npage = "p"\nwhat = "w"\nshow = ".1%"\n'
    path = tmp_path / "claims.toml"
    path.write_text(entry + entry)
    with pytest.raises(ValueError, match="twice"):
        claims.definitions(path)
    path.write_text(entry + "expect = 1\n")
    with pytest.raises(ValueError, match="expect"):
        claims.definitions(path)


def test_a_claim_needs_neither_sphinx_nor_myst_nb_nor_scipy() -> None:
    code = (
        "import sys; sys.modules.update(dict.fromkeys(['sphinx', 'myst_nb', 'scipy', 'jupytext']))\n"
        "from book.claims import claim, registered; claim('text-parameters', 160305); print(registered)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == "{'text-parameters': 160305}\n"


def test_a_claim_takes_one_kind_of_limit(tmp_path: Path) -> None:
    path = tmp_path / "claims.toml"
    path.write_text('[[claim]]\nid = "a"\npage = "p"\nwhat = "w"\nshow = ".1%"\nabove = 0.0\nbelow = 1.0\n')
    with pytest.raises(ValueError, match="takes one of"):
        claims.definitions(path)


MEASURED = [one for one in claims.definitions().values() if one.expected is None]


def test_enough_claims() -> None:
    assert len(claims.definitions()) >= 25


@pytest.mark.parametrize("one", MEASURED, ids=lambda one: one.id)
def test_every_measured_claim_was_recorded_over_at_least_five_seeds(one: Claim) -> None:
    seeds = claims.over_seeds().get(one.id)
    assert seeds is not None and len(seeds.values) >= 5
    if one.above is None and one.below is None:
        assert statistics.stdev(seeds.values) > 0, "the seeds change nothing: is the seed used?"
    broken = [value for value in seeds.values if judge(one, value, "full", seeds).holds is False]
    assert not broken, "it does not hold for every seed"


def test_the_recording_says_what_it_was_made_with() -> None:
    runs = [run for run in Store().runs() if recordings.counts(run)]
    at_hand = {name: staleness.source_at_hand(name) for name in ("full", "sample")}
    assert at_hand["sample"]
    now = {
        (page, source): staleness.identity(Page.read(page, ROOT), at_hand[source])
        for page, source in {(run["page"], run["source"]) for run in runs}
    }
    for run in runs:
        assert not staleness.reasons([run], now[run["page"], run["source"]]), (
            f"stale: run `book record claims --page {run['page']}`"
        )
        assert run.keys() >= {"page", "seed", "code", "claims", "date", "python", "backend", "keras", "device", "data"}
    sets = {(run["page"], run["source"]) for run in runs}
    assert len({(run["page"], run["source"], run["data"]) for run in runs}) == len(sets), "a set is of one data"
    assert len({(run["page"], run["source"], run["seed"]) for run in runs}) == len(runs)
