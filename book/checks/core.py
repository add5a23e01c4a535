"""How an answer is checked and how the verdict is shown.

The checkers of a chapter's exercises are functions in a module of this package, ``text_classification`` for the chapter
``text-classification``. It is imported when one of them is asked for. A checker takes the answers, returns what is good
about them in a sentence or two, or raises :class:`Wrong` with what is wrong and where to look.
"""

from __future__ import annotations

import html
import importlib
import inspect
import pkgutil
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from book import outputs

#: The modules of this package that serve all checkers. Each of the others holds those of one chapter.
SHARED = ("answers", "core", "digits", "reviews")


class Wrong(Exception):  # noqa: N818 (an answer is wrong, not the program)
    """What is wrong with an answer and where to look, in one or two sentences for the learner."""


@dataclass(frozen=True)
class Result:
    """The verdict on one answer: ``state`` is ``passed``, ``wrong`` or ``unanswered``."""

    id: str
    state: str
    message: str

    @property
    def passed(self) -> bool:
        """Whether the answer is right."""
        return self.state == "passed"

    @property
    def heading(self) -> str:
        """The verdict in two or three words."""
        return {"passed": "Passed", "wrong": "Not yet", "unanswered": "No answer yet"}[self.state]

    def __str__(self) -> str:
        mark = {"passed": "✓", "wrong": "✗", "unanswered": "…"}[self.state]
        return f"{mark} {self.id}: {self.heading}. {self.message}"

    __repr__ = __str__

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """What a notebook shows, a card or its plain text; and what that output tells the build."""
        verdict = {"id": self.id, "state": self.state, "message": self.message}
        return {"text/plain": str(self), "text/html": self._html()}, outputs.note("verdict", verdict)

    def _html(self) -> str:
        # Notebook programs drop style sheets, so the card carries its few rules. The colours of text and page are
        # the surroundings' own; the edge and the mark tell the states apart, and so do the words.
        edge = {"passed": "#009e73", "wrong": "#d55e00", "unanswered": "#767676"}[self.state]
        mark = {"passed": "✓", "wrong": "✗", "unanswered": "…"}[self.state]
        return (
            f'<div role="status" class="check check-{self.state}" style="border: 1px solid {edge}; '
            f'border-left-width: 6px; border-radius: 4px; padding: 0.5em 0.8em; max-width: 46em; line-height: 1.4">'
            f'<strong><span aria-hidden="true">{mark}</span> {html.escape(self.heading)}</strong> '
            f'<span style="opacity: 0.8">({html.escape(self.id)})</span><br>{_escaped(self.message)}</div>'
        )


#: Every result of this process, in order.
results: list[Result] = []

_checkers: dict[str, Callable[..., str]] = {}


def checker(id: str) -> Callable[[Callable[..., str]], Callable[..., str]]:
    """Register a function as the checker of an exercise.

    The names of its parameters are the names of the answers, as the messages to the learner call them.
    """

    def register(function: Callable[..., str]) -> Callable[..., str]:
        _checkers[id] = function
        return function

    return register


def chapters() -> list[str]:
    """The chapters that have checkers, as check ids begin, in the order of their names."""
    names = [module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)])]
    return [name.replace("_", "-") for name in names if name not in SHARED]


def module_of(id: str) -> str:
    """The module with an exercise's checker: ``book.checks.text_classification`` for ``text-classification/3``.

    Raises:
        ValueError: No chapter that has checkers is called like that.
    """
    chapter, _, _ = id.partition("/")
    if chapter not in chapters():
        raise ValueError(f"{id!r} is no exercise of a chapter that has checkers; these have: {', '.join(chapters())}")
    return f"{__package__}.{chapter.replace('-', '_')}"


def known() -> dict[str, Callable[..., str]]:
    """The checkers of all exercises, by id, in the order of the chapters' names and of the exercises."""
    return {id: each for chapter in chapters() for id, each in _of(chapter).items()}


def _of(chapter: str) -> dict[str, Callable[..., str]]:
    """The checkers of one chapter, by id, in the order of its exercises."""
    importlib.import_module(module_of(chapter))
    mine = [id for id in _checkers if id.startswith(f"{chapter}/")]
    return {id: _checkers[id] for id in sorted(mine, key=lambda id: int(id.partition("/")[2]))}


def check(id: str, *answers: Any, **named: Any) -> Result:
    """Say whether the answer to an exercise holds, and if not, what is wrong and where to look.

    It never raises an error, whatever the answers are. As the last line of a notebook's cell it is shown as a card.

    Args:
        id: The exercise: the chapter and the exercise's number in it, for example ``text-classification/3``.
        answers: What the exercise asks for, in its order.
        named: Or by name.
    """
    result = _judged(id, answers, named)
    results.append(result)
    return result


def _judged(id: str, answers: tuple[Any, ...], named: dict[str, Any]) -> Result:
    chapter = id.partition("/")[0] if isinstance(id, str) else ""
    checkers = _of(chapter) if chapter in chapters() else known()
    if not isinstance(id, str) or id not in checkers:
        return Result(str(id), "wrong", f"There is no such exercise. There are {', '.join(checkers)}.")
    try:
        return _verdict(id, checkers[id], answers, named)
    except Wrong as wrong:
        return Result(id, "wrong", str(wrong))
    except Exception as error:  # an answer of any kind at all must not end the learner's notebook
        what = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        return Result(
            id,
            "wrong",
            f"The check could not work with this answer; it met `{what}`. Compare the types and shapes "
            "of your variables with what the exercise asks for.",
        )


def _verdict(id: str, function: Callable[..., str], answers: tuple[Any, ...], named: dict[str, Any]) -> Result:
    """What a checker says of the answers, unless they do not fit it or are still to be given."""
    try:
        bound = inspect.signature(function).bind(*answers, **named)
    except TypeError:
        call = ", ".join(inspect.signature(function).parameters)
        return Result(id, "wrong", f'The check takes these answers, in this order: `check("{id}", {call})`.')
    missing = [name for name, answer in bound.arguments.items() if _is_missing(answer)]
    if missing:
        *first, last = [f"`{name}`" for name in missing]
        names = f"{', '.join(first)} and {last}" if first else last
        be = "is" if len(missing) == 1 else "are"
        return Result(id, "unanswered", f"{names} {be} still `...`. Write your answer in the cell above, and run it.")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Result(id, "passed", function(*bound.args, **bound.kwargs))


def _is_missing(answer: Any) -> bool:
    """Whether an answer is the ``...`` of the starter, or holds it."""
    if isinstance(answer, dict):
        return any(each is ... for each in answer.values())
    return answer is ... or (isinstance(answer, (list, tuple)) and any(each is ... for each in answer))


def _escaped(message: str) -> str:
    """A message as HTML, with what stands between backticks as code."""
    parts = html.escape(message).split("`")
    return "".join(f"<code>{part}</code>" if number % 2 else part for number, part in enumerate(parts))
