"""``book check``: notebooks as learners hand them in, and what must not stop an instructor."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import v4

from conftest import book

pytestmark = pytest.mark.slow

RIGHT = """from book import recorded
history = recorded.history("chapters/essentials", "long_history")
best_epochs = history["val_loss"].argmin(axis=1) + 1
best_epoch = int(history["val_loss"].mean(axis=0).argmin()) + 1
gap = history["accuracy"].mean(axis=0)[-1] - history["val_accuracy"].mean(axis=0)[-1]"""
CHECK = 'check("essentials/1", best_epochs, best_epoch, gap)'

#: Marks the folder ``in`` with some options.
Mark = Callable[..., tuple[int, str, dict[tuple[str, str], dict[str, str]]]]


def hand_in(path: Path, *sources: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    nbformat.write(v4.new_notebook(cells=[v4.new_code_cell(source) for source in sources]), path)
    return path


@pytest.fixture
def marks(tmp_path: Path, small_data: Path) -> Mark:
    """Mark a folder; return what was printed and the rows of the CSV file by notebook and exercise."""

    def mark(*arguments: str) -> tuple[int, str, dict[tuple[str, str], dict[str, str]]]:
        # Keras needs half as long for this backend, and none of the answers is a network.
        backend = {"KERAS_BACKEND": "jax"}
        result = book("check", "in", "--csv", "marks.csv", *arguments, cwd=tmp_path, data=small_data, **backend)
        if not (tmp_path / "marks.csv").exists():
            return result.returncode, result.stdout, {}
        with (tmp_path / "marks.csv").open(encoding="utf-8") as file:
            rows = {(Path(row["notebook"]).stem, row["exercise"]): row for row in csv.DictReader(file)}
        return result.returncode, result.stdout, rows

    return mark


def test_a_folder_of_submissions_is_marked(tmp_path: Path, marks: Mark) -> None:
    folder = tmp_path / "in"
    hand_in(folder / "right.ipynb", RIGHT, CHECK)
    hand_in(folder / "failing.ipynb", RIGHT, "1 / 0", CHECK)
    hand_in(
        folder / "redefined.ipynb", "def check(*answers): return 'passed'", "best_epochs = best_epoch = gap = 0", CHECK
    )
    hand_in(folder / "twice.ipynb", "best_epochs = best_epoch = gap = 0", CHECK, RIGHT, CHECK)
    hand_in(folder / "nothing.ipynb", "x = 1")
    (folder / "broken.ipynb").write_text("{")
    (folder / ".ipynb_checkpoints").mkdir()
    hand_in(folder / ".ipynb_checkpoints" / "old.ipynb", CHECK)
    code, output, rows = marks()
    assert code == 1
    assert rows["right", "essentials/1"]["state"] == "passed"
    assert rows["right", "essentials/2"]["state"] == "missing"
    assert rows["failing", "essentials/1"]["state"] == "passed"
    assert "cell 2: ZeroDivisionError" in rows["failing", "essentials/1"]["remarks"]
    assert rows["redefined", "essentials/1"]["state"] == "wrong"
    assert rows["twice", "essentials/1"]["state"] == "passed"
    assert rows["nothing", ""]["state"] == ""
    assert "not a notebook" in rows["broken", ""]["remarks"]
    assert not any(name == "old" for name, _ in rows)
    assert "[6/6]" in output and "essentials/1: not yet. " in output


def test_what_a_notebook_prints_meanwhile_is_not_taken_for_its_verdicts(tmp_path: Path, marks: Mark) -> None:
    noise = """import sys, threading, time
def noise():
    while True:
        sys.stdout.write("[1, 2]\\n")
        sys.stderr.write("a warning\\n")
        time.sleep(0.001)
threading.Thread(target=noise, daemon=True).start()
"""
    hand_in(tmp_path / "in" / "noisy.ipynb", RIGHT, noise, "print = None", CHECK)
    _, _, rows = marks()
    assert rows["noisy", "essentials/1"]["state"] == "passed"
    assert rows["noisy", "essentials/1"]["remarks"] == ""


def test_a_notebook_without_end_is_stopped(tmp_path: Path, marks: Mark) -> None:
    hand_in(tmp_path / "in" / "endless.ipynb", "while True: pass")
    code, output, rows = marks("--seconds", "15")
    assert code == 1 and rows["endless", ""]["remarks"] == "stopped after 15 s" and "stopped after 15 s" in output


def test_a_notebook_that_eats_memory_is_stopped_and_keeps_its_verdicts(tmp_path: Path, marks: Mark) -> None:
    hand_in(tmp_path / "in" / "greedy.ipynb", RIGHT, CHECK, "pile = []\nwhile True: pile.append(bytearray(10**7))")
    _, _, rows = marks("--memory", "3")
    assert rows["greedy", "essentials/1"]["state"] == "passed"
    assert "stopped at 3 GB of memory" in rows["greedy", "essentials/1"]["remarks"]


def test_a_notebook_runs_in_an_empty_folder_of_its_own(tmp_path: Path, marks: Mark) -> None:
    hand_in(tmp_path / "in" / "writes.ipynb", "import os\nassert os.listdir() == []\nopen('left.txt', 'w').close()")
    _, _, rows = marks()
    assert rows["writes", ""]["remarks"] == ""
    assert {path.name for path in tmp_path.iterdir()} == {"in", "marks.csv"}


def test_a_path_that_is_not_there_is_named(tmp_path: Path, small_data: Path) -> None:
    result = book("check", "nowhere.ipynb", cwd=tmp_path, data=small_data)
    assert result.returncode == 1 and result.stdout == "book: there is no nowhere.ipynb\n"
    result = book("check", ".", cwd=tmp_path, data=small_data)
    assert result.returncode == 1 and "no notebook (*.ipynb)" in result.stdout
