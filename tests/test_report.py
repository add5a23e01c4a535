"""What Sphinx warns of becomes one line: where, what, and what to do."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from press.faults import Fault
from press.report import fault_of, said

ENV: Any = SimpleNamespace(
    found_docs={"chapters/cnn", "index"},
    domains={
        "std": SimpleNamespace(
            anonlabels={"the-chain-rule": 0}, objects={("term", "gradient"): 0}, roles={"ref": 0}, directives={}
        ),
        "math": SimpleNamespace(equations={"eq-loss": 0}),
        "cite": SimpleNamespace(bibdata=SimpleNamespace(data=SimpleNamespace(entries={"lecun-1998-gradient": 0}))),
    },
)


@pytest.mark.parametrize(
    ("warning", "line"),
    [
        ('Unknown interpreted text role "reff". [myst.role_unknown]', "there is no role {reff}: did you mean ref?"),
        (
            "Unknown directive type: 'figre' [myst.directive_unknown]",
            "there is no directive {figre}: did you mean figure?",
        ),
        (
            'could not find bibtex key "lecun-1998"',
            "no work lecun-1998 in references.bib: did you mean lecun-1998-gradient?",
        ),
        ('could not find bibtex key "zzz"', "there is no work zzz in references.bib: correct the name, or add"),
        ("equation not found: eq-los", "no formula is labelled eq-los: did you mean eq-loss?"),
        ("term not in glossary: 'gradientt'", "the glossary has no term gradientt: did you mean gradient?"),
        ("unknown document: 'chapters/cn'", "there is no page chapters/cn: did you mean chapters/cnn?"),
        ("undefined label: 'the-chain-rul'", "nothing is labelled the-chain-rul: did you mean the-chain-rule?"),
        (
            "'myst' cross-reference target not found: 'nowhere' [myst.xref_missing]",
            "nothing is labelled nowhere: correct",
        ),
        ("local id not found in doc 'chapters/cnn': 'x' [myst.xref_missing]", "that page has no heading or label x"),
        ("image file not readable: /book/chapters/no.png", "there is no file chapters/no.png: correct"),
        ("duplicate label lab, other instance in /book/index.md", "the label lab stands in index.md too: give one"),
        ("Non-consecutive header level increase; H1 to H4 [myst.header]", "H1 to H4: use the next level"),
        ("Something that nobody has thought of.", "Something that nobody has thought of."),
    ],
)
def test_a_warning_says_what_to_do(warning: str, line: str) -> None:
    fault = fault_of(warning, "/book/chapters/a.md:7", Path("/book"), ENV)
    assert (fault.file, fault.line, fault.details) == ("chapters/a.md", 7, "") and line in fault.what, fault


def test_what_is_not_said_in_one_line_follows_it() -> None:
    fault = fault_of(
        "Executing notebook failed: NameError\ncell 2 of 3: x\nTraceback", "/book/a.md:3", Path("/book"), None
    )
    assert fault == Fault("a.md", 3, "Executing notebook failed: NameError", "cell 2 of 3: x\nTraceback")
    assert str(fault) == "a.md:3: Executing notebook failed: NameError"


def test_a_warning_without_a_place_is_one_of_the_settings() -> None:
    assert (
        str(fault_of("unknown config value 'x'", None, Path("/book"), None)) == "_config.yml: unknown config value 'x'"
    )
    assert str(fault_of("odd", "/book/index.md:", Path("/book"), None)) == "index.md: odd"


def test_nothing_is_guessed_before_the_pages_are_known() -> None:
    assert said("undefined label: 'x'", None) == "undefined label: 'x'"
