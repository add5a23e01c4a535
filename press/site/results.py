"""The claims of a build: checked against what must hold, and shown on the page *Results*."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from book import claims
from book.datasets import sources
from press.site import tables
from press.site.execution import executed, told
from press.site.values import is_chosen

logger = logging.getLogger(__name__)


def check_claims(app: Sphinx, env: BuildEnvironment) -> None:
    """Check every claim from the stored outputs of all pages, executed now or before.

    A claim that does not hold is a Sphinx warning, so that ``-W`` fails the build.
    """
    for verdict in broken(app):
        logger.warning(
            "claim %r does not hold: %s is %s, and must be %s",
            verdict.claim.id,
            verdict.claim.what,
            _shown(verdict),
            verdict.must,
            location=(verdict.claim.page, None),
            type="book",
            subtype="claim",
        )


def broken(app: Sphinx) -> list[claims.Verdict]:
    """The claims that do not hold.

    A page that ``book build --page`` left out still holds the outputs of another build, and does not count.
    """
    return [verdict for verdict in verdicts(app, chosen_only=True) if verdict.holds is False]


def fail_build(app: Sphinx, error: Exception | None) -> None:
    """A build with a claim that does not hold has failed, also without ``-W``."""
    if error is None and broken(app):
        app.statuscode = 1


def verdicts(app: Sphinx, *, chosen_only: bool = False) -> list[claims.Verdict]:
    """The verdict on every claim that the pages of this build registered, in the order of ``claims.toml``."""
    measured, data = _measured(app, chosen_only=chosen_only), sources.in_use().name
    return [_judged(one, measured[one.id], data) for one in claims.definitions().values() if one.id in measured]


@cache
def _judged(one: claims.Claim, value: float, data: str) -> claims.Verdict:
    """The verdict on a claim. What is no number, as a training that diverged leaves it, holds on no data."""
    verdict = claims.judge(one, value, data, claims.over_seeds().get(one.id))
    if math.isfinite(value):
        return verdict
    return replace(verdict, holds=False, must="a number" if verdict.holds is None else verdict.must)


def _shown(verdict: claims.Verdict) -> str:
    """The value as the claim shows it; ``nan`` and ``inf`` as they are."""
    return format(verdict.value, verdict.claim.show) if math.isfinite(verdict.value) else str(verdict.value)


def _measured(app: Sphinx, *, chosen_only: bool) -> dict[str, float]:
    """The values that the pages told, by the claim's id; JSON keeps one that is not finite as text."""
    return {
        said["id"]: _number(said["value"])
        for docname in sorted(executed(app.env))
        if is_chosen(app.config, docname) or not chosen_only
        for said in told(app.env, docname, "claim")
    }


def _number(value: float | str) -> float:
    return float(value) if isinstance(value, str) else value


def sections(app: Sphinx) -> list[nodes.Node]:
    """A table for each page that registers claims."""
    by_page: dict[str, list[claims.Verdict]] = {}
    for verdict in verdicts(app):
        by_page.setdefault(verdict.claim.page, []).append(verdict)
    made: list[nodes.Node] = []
    for page, rows in by_page.items():
        title = app.env.titles[page].astext() if page in app.env.titles else page
        section = nodes.section("", nodes.title("", title), ids=[f"results-{page.replace('/', '-')}"])
        section += tables.table(HEADINGS, [_row(verdict) for verdict in rows], "results")
        made.append(section)
    return made


HEADINGS = ("What", "Course notes", "This build", "Recorded: mean ± s (seeds)", "Must be", "Holds")


def _row(verdict: claims.Verdict) -> tuple[str, ...]:
    one, show = verdict.claim, verdict.claim.show
    seeds = claims.over_seeds().get(one.id)
    recorded = ""
    if one.expected is None and seeds is not None and len(seeds.values) > 1:
        spread = f"{seeds.spread:.2%}" if show.endswith("%") else f"{seeds.spread:.2g}"
        recorded = f"{seeds.mean:{show}} ± {spread} ({len(seeds.values)})"
    return (
        one.what,
        "" if one.original is None else format(one.original, show),
        _shown(verdict),
        recorded,
        verdict.must,
        {True: "yes", False: "NO", None: "not checked"}[verdict.holds],
    )


def setup(app: Sphinx) -> None:
    """Connect to Sphinx's events."""
    tables.add_directive(app, "results-table", sections)
    app.connect("env-updated", check_claims)
    app.connect("build-finished", fail_build)
