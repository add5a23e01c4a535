"""The exercises: what each check says to a solution, to an untouched starter, to wrong and to impossible answers."""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from answers import wrong_answers
from book.checks.core import CHAPTERS, Result, check, known
from book.outputs import told
from conftest import ROOT
from press import page as pages
from press.notebook import cells, check_call

CALLS = {
    called[0]: called[1]
    for chapter in CHAPTERS
    for cell in cells((ROOT / f"exercises/{chapter}.md").read_text(encoding="utf-8"))
    if cell.cell_type == "code" and (called := check_call(cell.source))
}
WRONG = [
    (id, name, hint) for chapter in CHAPTERS for id, each in wrong_answers(chapter).items() for name, _, hint in each
]


@cache
def verdicts(chapter: str) -> dict[tuple[str, str], dict[str, str]]:
    """What was said to every answer of a chapter, on the packaged sample, by exercise and answer."""
    result = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "answers.py"), chapter],
        env={**os.environ, "BOOK_DATA": "sample", "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr[-3000:]
    lines = [json.loads(line) for line in result.stdout.splitlines() if line.startswith('{"id"')]
    return {(line["id"], line["case"]): line for line in lines}


def said(id: str, case: str) -> dict[str, str]:
    return verdicts(id.split("/")[0])[id, case]


def test_every_exercise_has_a_checker_and_every_checker_an_exercise() -> None:
    assert list(known()) == list(CALLS)
    assert {id.split("/")[0] for id in CALLS} == set(CHAPTERS)
    for chapter in CHAPTERS:
        numbers = [int(id.split("/")[1]) for id in CALLS if id.split("/")[0] == chapter]
        assert numbers == list(range(1, len(numbers) + 1)) and len(numbers) >= 5


@pytest.mark.parametrize("id", CALLS)
def test_the_answers_are_called_the_same_on_the_page_and_in_the_messages(id: str) -> None:
    assert CALLS[id] == list(inspect.signature(known()[id]).parameters)


@pytest.mark.parametrize("id", CALLS)
def test_the_solution_on_the_page_passes(id: str, built: tuple[Path, str]) -> None:
    page = (built[0] / f"_build/html/exercises/{id.split('/')[0]}.html").read_text(encoding="utf-8")
    card = next(card for card in BeautifulSoup(page, "html.parser").select(".check") if f"({id})" in card.get_text())
    assert "check-passed" in card["class"], card.get_text()
    assert card.find_parent(class_="solution"), "it is shown with the solution"


@pytest.mark.parametrize("id", CALLS)
def test_an_untouched_exercise_is_told_what_is_to_be_done(id: str) -> None:
    verdict = said(id, "untouched")
    assert verdict["state"] == "unanswered"
    assert "Write your answer" in verdict["message"]
    assert all(f"`{name}`" in verdict["message"] for name in CALLS[id])


@pytest.mark.parametrize("id", CALLS)
def test_three_wrong_answers_have_hints_of_their_own(id: str) -> None:
    assert len({hint for each, _, hint in WRONG if each == id}) >= 3


@pytest.mark.parametrize(("id", "name", "hint"), WRONG, ids=[f"{id}: {name}" for id, name, _ in WRONG])
def test_a_wrong_answer_gets_its_hint(id: str, name: str, hint: str) -> None:
    verdict = said(id, name)
    assert verdict["state"] == "wrong"
    assert hint in verdict["message"], verdict["message"]


@pytest.mark.parametrize("id", CALLS)
def test_no_impossible_answer_passes_or_stops_the_notebook(id: str) -> None:
    mine = {case: verdict for (each, case), verdict in verdicts(id.split("/")[0]).items() if each == id}
    impossible = {case: verdict for case, verdict in mine.items() if " everywhere" in case or " as " in case}
    assert len(impossible) >= 12
    for case, verdict in impossible.items():
        assert verdict["state"] == "wrong", f"{case}: {verdict}"
        assert 20 < len(verdict["message"]) < 500, f"{case}: {verdict}"


def test_a_check_that_does_not_exist_says_which_do() -> None:
    assert "There are essentials/1, " in check("essentials/99", 1).message
    assert check(None).state == "wrong"  # type: ignore[arg-type]


def test_a_check_called_with_too_few_answers_shows_the_call() -> None:
    assert 'check("essentials/1", best_epochs, best_epoch, gap)' in check("essentials/1", 3).message


def test_a_verdict_is_shown_as_a_card_and_as_text() -> None:
    result = Result("cnn/1", "wrong", "`x` is <b>.")
    data, metadata = result._repr_mimebundle_()
    assert data["text/plain"] == str(result) == "✗ cnn/1: Not yet. `x` is <b>."
    card = BeautifulSoup(data["text/html"], "html.parser").div
    assert card and card["role"] == "status" and "<code>x</code> is &lt;b&gt;." in str(card)
    output = {"data": data, "metadata": metadata}
    assert told({"cells": [{"outputs": [output]}]}, "verdict") == [
        {"id": "cnn/1", "state": "wrong", "message": "`x` is <b>."}
    ]


def test_solutions_are_taken_out_whole() -> None:
    page = "A\n```{solution-start} x\n:class: dropdown\n```\nB\n```{code-cell}\nC\n```\n```{solution-end}\n```\nD\n"
    assert pages.without_solutions(page) == "A\nD\n"
    with pytest.raises(pages.PageError, match="not opened and closed"):
        pages.without_solutions(page.replace("solution-end", "exercise-end"))
