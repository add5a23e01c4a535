"""Work that was made with another version of the book: which one, and what of it today's checks can mark.

A notebook says in its metadata which version it is of, and which answers its checks take. Today's verdict on an
exercise is worth something only if today's checker takes the same.
"""

from __future__ import annotations

import inspect
import re
from functools import cache
from typing import Any

from nbformat import NotebookNode

import book
from press.notebook.start import without_installing

UNKNOWN = "unknown"
#: What a version looks like. Anything else in a learner's file is no version, and no text for a spreadsheet.
VERSION = re.compile(r"\d[a-z0-9.+]{0,30}")
#: For the kernel of a notebook that is marked: no cell changes the packages of whoever marks it, or waits for an index.
NO_INSTALLATION = {"PIP_DRY_RUN": "1", "PIP_NO_INDEX": "1", "PIP_RETRIES": "0"}
#: What the exercises asked for in the version that did not say so itself. It is history: nothing here changes any more.
ASKED = {
    "0.1.0": """
essentials/1 best_epochs best_epoch gap
essentials/2 histories steps ahead best_epoch
essentials/3 model test_accuracy
essentials/4 one_way own_way
essentials/5 predict learn
text-classification/1 history best_epoch letter
text-classification/2 depth_histories chosen model test_accuracy
text-classification/3 width_histories parameters best_epochs
text-classification/4 mse_history gradient_cross_entropy gradient_mse
text-classification/5 build activation_histories loss_apart accuracy_apart
text-classification/6 model word share
cnn/1 axes catch_up ratio
cnn/2 shapes parameters
cnn/3 parameters multiplications model history
cnn/4 choice shuffle lost
cnn/5 model scores
cnn/6 model accuracies
rnn/1 best_epochs spread saved
rnn/2 predicted front behind waiting lost
rnn/3 lstm_step parameters
rnn/4 model history x_test test_accuracy
rnn/5 parameters one two larger model
headaches/1 diagnosis
headaches/2 histories lowest
headaches/3 networks losses
headaches/4 split
headaches/5 network suspect
"""
}

#: Exercises by id, each with the names of its answers in their order.
Asked = dict[str, list[str]]
#: Exercises by id, each with a state and a message.
Verdicts = dict[str, tuple[str, str]]


def made_with(notebook: NotebookNode) -> str:
    """The version that a notebook was made with; ``unknown`` if neither its metadata nor its cells name one."""
    said = _about(notebook).get("version")
    if isinstance(said, str) and VERSION.fullmatch(said):
        return said
    for cell in notebook.cells:  # 0.1.0 named its package only
        if wheel := re.search(r"\bdeep_learning_by_running_it-([^-\s]+)-py3-none-any\.whl", cell.get("source", "")):
            return wheel[1] if VERSION.fullmatch(wheel[1]) else UNKNOWN
    return UNKNOWN


def asked(notebook: NotebookNode) -> Asked:
    """What the exercises asked for in the version that a notebook was made with; empty if that is not known."""
    checks = _about(notebook).get("checks")
    if isinstance(checks, dict) and checks:
        return {str(id): [str(name) for name in names] for id, names in checks.items() if isinstance(names, list)}
    lines = [line.split() for line in ASKED.get(made_with(notebook), "").split("\n")]
    return {words[0]: words[1:] for words in lines if words}


def _about(notebook: NotebookNode) -> dict[str, Any]:
    said = notebook.metadata.get("book")
    return said if isinstance(said, dict) else {}


def prepare(notebook: NotebookNode) -> dict[str, Any]:
    """Keep the first cell of another version from installing that version; say what :func:`fair` has to know."""
    version = made_with(notebook)
    if version not in (UNKNOWN, book.__version__):
        for cell in notebook.cells:
            cell.source = without_installing(cell) or cell.source
    return {"version": version, "asked": asked(notebook)}


def remark(version: str) -> str:
    """What to say about the version of a notebook; nothing if it is this one, or not known."""
    if version in (UNKNOWN, book.__version__):
        return ""
    newer = "the newer " if _number(version) > _number(book.__version__) else ""
    return f"made with {newer}version {version}, marked with the checks of version {book.__version__}"


def _number(version: str) -> list[int]:
    return [int(digits) for digits in re.findall(r"\d+", version)]


def fair(verdicts: Verdicts, version: str, then: Asked) -> Verdicts:
    """The verdicts without those that today's checks cannot give on another version's exercises.

    Args:
        verdicts: What today's checks said.
        version: The version that the notebook was made with.
        then: What its exercises asked for; empty if that is not known.

    Returns:
        The verdicts, ``unmarked`` with the reason where an exercise is gone or asks for other answers now. An exercise
        that came later is left out: nobody was asked to do it.
    """
    if version in (UNKNOWN, book.__version__) or not verdicts:
        return verdicts
    now = today()
    chapters = {id.split("/")[0] for id in verdicts}
    ids = {*verdicts, *(id for id in then if id.split("/")[0] in chapters)}
    done: Verdicts = {}
    for id in sorted(ids):
        if reason := _changed(then.get(id), now.get(id)):
            instead = f"Mark it with version {version} of the book."
            done[id] = ("unmarked", f"Version {book.__version__} cannot mark it: {reason}. {instead}")
        elif id in verdicts and (id in then or not then or verdicts[id][0] != "missing"):
            done[id] = verdicts[id]
    return done


def _changed(then: list[str] | None, now: list[str] | None) -> str:
    """Why an exercise cannot be marked: what it asked for then, if that is known, and what it asks for now."""
    if now is None:
        return "this exercise is not in it"
    if then is not None and then != now:
        return f"the exercise asked for {', '.join(then)}, and now asks for {', '.join(now)}"
    return ""


@cache
def today() -> Asked:
    """What the exercises of the installed version ask for."""
    from book.checks.core import known  # takes some seconds, for Keras comes with it

    return {id: list(inspect.signature(checker).parameters) for id, checker in known().items()}
