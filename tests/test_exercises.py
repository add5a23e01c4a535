"""The exercises: what each check says to a solution, to an untouched starter, to wrong and to impossible answers."""

from __future__ import annotations

import inspect
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from bs4 import BeautifulSoup

from answers import wrong_answers
from book.checks.core import Result, Wrong, chapters, check, known, module_of
from book.outputs import told
from conftest import CONTENTS, ROOT
from press.page import Page, check_call

pytestmark = pytest.mark.slow

CHAPTERS = CONTENTS.exercises
CALLS = {
    called[0]: called[1]
    for chapter in CHAPTERS
    for cell in Page.read(f"exercises/{chapter}", ROOT).code_cells
    if (called := check_call(cell.source))
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


def loaded(code: str, folder: Path = ROOT) -> list[str]:
    """The modules of a fresh process that has run some code, of Keras and of the checks."""
    show = "import sys; print(*[name for name in sys.modules if name == 'keras' or name.startswith('book.checks.')])"
    result = subprocess.run(
        [sys.executable, "-c", f"from book.checks import check\n{code}\n{show}"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr[-3000:]
    return sorted(result.stdout.splitlines()[-1].replace("book.checks.", "").split())


def test_the_chapters_are_those_of_the_table_of_contents_that_have_exercises() -> None:
    contents = re.findall(r"exercises/([a-z-]+)", (ROOT / "_toc.yml").read_text(encoding="utf-8"))
    assert sorted(contents) == chapters()


def test_a_checker_is_imported_when_it_is_asked_for() -> None:
    assert loaded("") == ["core"]
    assert loaded('check("text-classification/1", ...)') == [
        *("answers", "core", "keras", "reviews", "text_classification")
    ], "and neither the digits nor another chapter"


def test_a_new_chapter_is_found_by_its_name(tmp_path: Path) -> None:
    """Nothing but its module names it; its exercises come in the order of their numbers."""
    (tmp_path / "book").mkdir()
    for name in ("__init__.py", "outputs.py", "checks/__init__.py", "checks/core.py"):
        target = tmp_path / "book" / name
        target.parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / "book" / name, target)
    checkers = "".join(f'@checker("two-words/{n}")\ndef _(answer): return "Right."\n' for n in (10, 2))
    (tmp_path / "book/checks/two_words.py").write_text(f"from book.checks.core import checker\n{checkers}")
    asked = 'assert check("two-words/2", 1).passed\n'
    for id in ("two-words/3", "one-word/1"):
        asked += f'assert "There are two-words/2, two-words/10." in check("{id}", 1).message\n'
    assert loaded(asked, tmp_path) == ["core", "two_words"]


def test_an_id_gives_the_module_of_its_checker() -> None:
    assert module_of("text-classification/3") == "book.checks.text_classification"
    assert {module_of(id) for id in CALLS} == {function.__module__ for function in known().values()}


@pytest.mark.parametrize(
    "id", ["../x/1", "os/1", "core/1", "answers/1", "text_classification/1", "CNN/1", ".core/1", "/1", "", "cnn.core/1"]
)
def test_an_id_of_no_chapter_gives_no_module(id: str) -> None:
    with pytest.raises(ValueError, match="these have: cnn, "):
        module_of(id)
    assert "There is no such exercise. There are cnn/1, " in check(id, 1).message


def hint_of(found: object, right: object, mistakes: object, **same: object) -> str:
    """The hint that a comparison gives, or nothing."""
    from book.checks.answers import match  # imports Keras, which collecting the tests does not need

    try:
        match(found, right, mistakes, "None of these.", **same)  # type: ignore[arg-type]
    except Wrong as wrong:
        return str(wrong)
    return ""


def test_a_comparison_gives_the_hint_of_the_first_mistake_that_fits() -> None:
    table = [(3, "Three."), (lambda found: found < 5, "Small."), (4, "Never."), (np.array([1, 2]), "An array.")]
    assert [hint_of(found, 9, table) for found in (9, 3, 4, 7)] == ["", "Three.", "Small.", "None of these."]
    assert hint_of(2, lambda found: found % 2 == 0, table) == ""
    assert hint_of(1, lambda found: found % 2 == 0, table) == "Small."
    assert hint_of(np.array([1, 2]), np.array([1, 3]), table[3:]) == "An array."
    assert hint_of((1, 2, 3), (1, 2), [((1, 2, 3), "A shape.")]) == "A shape."


def test_a_comparison_allows_for_as_much_as_it_is_hint_of() -> None:
    from book.checks.answers import close

    table = [(0.7, "Seven tenths.")]
    assert hint_of(0.501, 0.5, table) == "None of these."
    assert hint_of(0.501, 0.5, table, same=close(atol=0.01)) == ""
    assert hint_of(0.701, 0.5, table, same=close(atol=0.01)) == "Seven tenths."
    assert hint_of(0.52, 0.5, table, same=close(atol=0.01)) == "None of these."
    assert hint_of(1.009, 1.0, [], same=close(rtol=0.01)) == "" != hint_of(0.09, 0.1, [], same=close(rtol=0.01))


def test_a_right_answer_pays_for_no_mistake() -> None:
    made: list[int] = []

    def table() -> Iterator[tuple[int, str]]:
        for value in (1, 2, 3):
            made.append(value)
            yield value, f"It is {value}."

    assert hint_of(0, 0, table()) == "" and made == []
    assert hint_of(2, 0, table()) == "It is 2." and made == [1, 2]


def test_every_exercise_has_a_checker_and_every_checker_an_exercise() -> None:
    assert list(known()) == sorted(CALLS, key=lambda id: id.split("/")[0])
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
    said = check("essentials/99", 1).message
    assert "There are essentials/1, " in said and "cnn/" not in said
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
