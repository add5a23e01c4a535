"""Answer a chapter's exercises as learners do, in the student notebook's own cells: `python tests/answers.py cnn`.

Prints one JSON object a verdict. The untouched starter, each wrong answer of ``tests/wrong_answers``, and answers of
impossible kinds are given; the reference solutions are checked when the site is built.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

import matplotlib
import nbformat

from press.notebook.writing import Book
from press.page import check_call

ROOT = Path(__file__).parent.parent


def module(chapter: str) -> str:
    """The name of a chapter's module."""
    return chapter.replace("-", "_")


def wrong_answers(chapter: str) -> dict[str, list[tuple[str, str, str]]]:
    """For each exercise of a chapter: the name of a wrong answer, its code, and words of the hint it must get."""
    found: dict[str, list[tuple[str, str, str]]] = importlib.import_module(f"wrong_answers.{module(chapter)}").WRONG
    return found


def hostile() -> dict[str, Any]:
    """Values that no exercise asks for."""
    import keras
    import numpy as np

    class Odd:
        def __repr__(self) -> str:
            raise RuntimeError("odd")

    untrained = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    return {
        "None": None,
        "a text": "accuracy",
        "NaN": float("nan"),
        "an empty list": [],
        "an empty dictionary": {},
        "a class": int,
        "an array of objects": np.array([None, "a"], dtype=object),
        "a cube of zeros": np.zeros((2, 3, 4)),
        "an odd object": Odd(),
        "a network that was never trained": untrained,
        "a network without layers": keras.Sequential(),
        "a dictionary of nonsense": {"loss": "high", 1: None},
    }


def main(chapter: str) -> None:
    """Print the verdict on every answer."""
    from book.checks import check

    matplotlib.use("Agg")
    notebook = Book(ROOT).notebook(f"exercises/{chapter}", solutions=False)
    namespace: dict[str, Any] = {"__name__": "__main__"}
    starter: nbformat.NotebookNode | None = None
    for cell in notebook.cells:
        if cell.cell_type != "code" or "%pip" in cell.source:
            continue
        called = check_call(cell.source)
        if "answer" in cell.metadata.get("tags", []):
            starter = cell
        elif called is None:
            exec(compile(cell.source, "cell", "exec"), namespace)
        else:
            assert starter is not None
            id, names = called

            def say(case: str, answers: dict[str, Any], id: str = id, names: list[str] = names) -> None:
                result = check(id, *[answers[name] for name in names])
                print(json.dumps({"id": id, "case": case, "state": result.state, "message": result.message}))

            for case, code, _ in [("untouched", starter.source, ""), *wrong_answers(chapter).get(id, [])]:
                answers = dict(namespace)
                exec(compile(code, case, "exec"), answers)
                say(case, answers)
            for case, value in hostile().items():
                say(f"{case} everywhere", dict.fromkeys(names, value))
                if len(names) > 1:  # the others are those of the last wrong answer
                    for name in names:
                        say(f"{case} as {name}", answers | {name: value})


if __name__ == "__main__":
    main(sys.argv[1])
