"""Recording pages: what makes recorded runs stale, when old ones go, and that none is lost."""

from __future__ import annotations

import ast
import json
import signal
import subprocess
import sys
import time
import traceback
from pathlib import Path
from typing import Any

import pytest

from book import claims, recordings
from book.datasets import sources
from conftest import ROOT, book
from press.page import Page, PageError
from press.record import listing, staleness, syntax
from press.record.pages import executed, record_pages
from press.record.staleness import Identity, code_identity
from press.record.store import Store, arranged

CODE = '''\
import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers

from book.claims import claim

keras.utils.set_random_seed(1)
x_train, y_train = x[:600], y[:600]  # the first


def late(values):
    """The mean of the last."""
    return float(np.mean(values[-5:]))


def network(rate=0.1):
    keras.utils.set_random_seed(2)
    model = keras.Sequential([layers.Dense(16, activation="relu"), layers.Dense(1)])
    model.compile(keras.optimizers.SGD(rate), "mse")
    print("a network")
    return model


print(f"{len(x_train)} to train on")
claim("rows", len(x_train))
model = network()
history = model.fit(x_train, y_train, epochs=5).history
best = int(np.argmin(history["val_loss"])) + 1
claim("best", best)
claim("late", late(history["loss"]))
other = network(0.2)
other.fit(x_train, y_train, epochs=7)
print("test:", other.evaluate(x_test, y_test))
for name, value in {"a": 1, "b": best}.items():
    print(name)
    claim(f"each-{name}", value)
model.summary()
best
'''


def edited(*changes: tuple[str, str]) -> syntax.Computation:
    code = CODE
    for before, after in changes:
        assert before in code
        code = code.replace(before, after)
    return syntax.computation_of(code)


def moved(line: str, behind: str) -> tuple[tuple[str, str], tuple[str, str]]:
    return (line, ""), (behind, behind + line)


@pytest.mark.parametrize(
    "changes",
    [
        [("  # the first", "")],
        [("epochs=5)", "epochs=5,\n)")],
        [("rate=0.1", "rate=1e-1")],
        [('"mse"', "'mse'")],
        [("The mean of the last.", "The mean over the last five.")],
        [("import keras\nimport matplotlib.pyplot as plt\n", "import matplotlib.pyplot as plt\nimport keras\n")],
        [("import matplotlib.pyplot as plt\n", "")],
        [("import numpy as np\n", "import numpy as np\nimport os\n")],
        [('print(f"{len(x_train)} to train on")', 'print("Rows:", len(x_train), np.mean(x_train))')],
        [('print(f"{len(x_train)} to train on")\n', "")],
        [('    print("a network")\n', "")],
        [('print("test:", other.evaluate', 'print("on test data:", other.evaluate')],
        [("    print(name)\n", "")],
        [("model.summary()\n", ""), ("\nbest\n", "\n")],
        [("model.summary()\n", "plt.plot(history['loss'])\nplt.show()\n")],
        moved('claim("best", best)\n', "model.summary()\n"),
        moved('claim("rows", len(x_train))\n', "other = network(0.2)\n"),
        moved('claim("rows", len(x_train))\n', "model.summary()\n"),
        moved('claim("late", late(history["loss"]))\n', "other = network(0.2)\n"),
        moved('claim("best", best)\n', 'claim("late", late(history["loss"]))\n'),
        [('claim("best", best)\n', 'claim("best",\n      best)\n')],
    ],
    ids=str,
)  # fmt: skip
def test_layout_reports_and_the_place_of_a_claim_do_not_count(changes: list[tuple[str, str]]) -> None:
    assert edited(*changes) == syntax.computation_of(CODE)


@pytest.mark.parametrize(
    "changes",
    [
        [("epochs=5", "epochs=6")],
        [("rate=0.1", "rate=0.2")],
        [("set_random_seed(1)", "set_random_seed(3)")],
        [("set_random_seed(2)", "set_random_seed(3)")],
        [("layers.Dense(16", "layers.Dense(17")],
        [('"relu"', '"tanh"')],
        [("x[:600]", "x[:500]")],
        [("values[-5:]", "values[-4:]")],
        [("keras.utils.set_random_seed(1)\n", "")],
        [("import numpy as np", "import jax.numpy as np")],
        [("from keras import layers", "from mine import layers")],
        [('claim("best", best)\n', 'claim("best", best)\nmodel.fit(x_train, y_train)\n')],
        [("model = network()\n", "model = network()\nnetwork()\n")],
        [("best\n", "np.random.permutation(3)\n")],
        [("print(name)", "print(other.predict(x_test))")],
        [("other.evaluate(x_test", "other.evaluate(x_val")],
        [('print("test:", other.evaluate(x_test, y_test))\n', "")],
        [("model.summary()\n", "network().summary()\n")],
        [('{"a": 1,', '{"a": 2,')],
        [('[layers.Dense(16, activation="relu"), ', '[layers.Dense(1), layers.Dense(16, activation="relu"), ')],
        moved("other.fit(x_train, y_train, epochs=7)\n", 'print("test:", other.evaluate(x_test, y_test))\n'),
        moved("other = network(0.2)\nother.fit(x_train, y_train, epochs=7)\n", "model = network()\n"),
    ],
    ids=str,
)  # fmt: skip
def test_what_decides_a_number_counts(changes: list[tuple[str, str]]) -> None:
    assert edited(*changes).code != syntax.computation_of(CODE).code


@pytest.mark.parametrize(
    ("changes", "stale"),
    [
        ([('claim("best", best)', 'claim("best", best + 1)')], {"best"}),
        ([('claim("best", best)\n', 'claim("best", best)\nclaim("worst", max(history["loss"]))\n')], {"worst"}),
        ([('claim("best", best)', 'claim("first", best)')], {"first"}),
        ([('claim("late", late(history["loss"]))', 'claim("late", late(history["val_loss"]))')], {"late"}),
        ([("    claim(f\"each-{name}\", value)", "    claim(f\"each-{name}\", 2 * value)")], {"each-*"}),
        ([('claim("best", best)\n', "")], set()),
    ],
)  # fmt: skip
def test_a_claim_with_another_expression_is_stale_and_no_other(changes: list[tuple[str, str]], stale: set[str]) -> None:
    before, after = syntax.computation_of(CODE), edited(*changes)
    assert after.code == before.code
    assert {name for name, each in after.claims.items() if before.claims.get(name) != each} == stale


@pytest.mark.parametrize(
    "between",
    [
        "best = 3",
        "history['val_loss'].sort()",
        "model.fit(x_train, y_train)",
        "same.fit(x_train, y_train)",
        "spoil(model)",
        "spoil_it()",
        "for best in range(3): pass",
        "match f():\n    case [best, *_]: pass",
        "match f():\n    case {'a': 1, **best}: pass",
        "try:\n    f()\nexcept ValueError as best:\n    pass",
        "np.random.shuffle(x_train)",
        "x_train[0] = 1",
        "x_train *= 2",
        "y_train.fill(0)",
    ],
)
def test_a_claim_does_not_move_past_what_may_change_its_value(between: str) -> None:
    start = (
        "import numpy as np\nbest, model = 1, make()\nx_train = make()\ny_train = x_train[:5]\nhistory = {}\n"
        "same = model\n\ndef spoil(network):\n    mine = network\n    mine.weights = 0\n\n"
        "def spoil_it():\n    spoil(model)\n\n"
    )
    claim = 'claim("a", best + model.count_params() + len(history) + x_train.sum())\n'
    before, after = (syntax.computation_of(start + text) for text in (claim + between, between + "\n" + claim))
    assert before.code == after.code and before.claims != after.claims
    harmless = "z = model.count_params()"
    one, two = (syntax.computation_of(start + text) for text in (claim + harmless, harmless + "\n" + claim))
    assert one == two


@pytest.mark.parametrize(
    ("shared", "changes", "read"),
    [
        ("layer = Dense(3)\nmodel = Sequential([layer])", "model.fit(x)", "layer.w"),
        ("layer = Dense(3)\nmodel = Sequential(layers=[layer])", "model.fit(x)", "layer.w"),
        ("layer = f()\nmodel = mine.wrapped(layer)", "model.fit(x)", "layer.w"),
        ("layer = model.get_layer('a')", "model.fit(x)", "layer.w"),
        ("kernel = model.get_layer('a').kernel", "model.fit(x)", "kernel"),
        ("layers = [model.get_layer(name) for name in rows]", "model.fit(x)", "layers[0].w"),
        ("rows.append(y)", "rows[0][0] = 5", "y.sum()"),
    ],
)
def test_a_claim_does_not_move_past_a_change_of_what_it_shares(shared: str, changes: str, read: str) -> None:
    start = f"model = f()\nrows = []\nx = f()\ny = f()\n{shared}\n"
    claim = f"claim('a', {read})"
    one, other = (syntax.computation_of(start + text) for text in (f"{claim}\n{changes}", f"{changes}\n{claim}"))
    assert one.code == other.code and one.claims != other.claims
    for alone in ("units = 3\nmodel = Sequential([Dense(units)])\nclaim('a', units)", "claim('a', x.sum())"):
        before, last = alone.rpartition("\n")[::2]
        one, other = (
            syntax.computation_of(f"{start}{before}\n{a}\n{b}") for a, b in ((last, changes), (changes, last))
        )
        assert one == other


START = "import numpy as np\nfrom mine import load\nx, ds = load()\nit = iter(ds)\nrows = [1, 2]\n"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("np.maximum(x, 0, x)", "np.maximum(x, 5, x)"),
        ("np.exp(x, x)", ""),
        ("x.clip(0, 1, x)", "x.clip(0, 2, x)"),
        ("np.round(x, 1, x)", ""),
        ("print(np.round(x, 1, x))", ""),
        ("(np.exp(x, x), 1)", ""),
        ("len(list(it))", ""),
        ("print(sum(1 for _ in ds))", ""),
        ("print(list(it))", ""),
        ("print(*it)", ""),
        ("print(3 in it)", ""),
        ("print(', '.join(it))", ""),
        ("def total(z):\n    return sum(z)\nprint(total(it))", "def total(z):\n    return sum(z)"),
        ("print('a', file=it)", "print('b', file=it)"),
        ("print(f'{1:{np.random.randint(9)}}')", "print(1)"),
        ("claim('a', sum(it))", "claim('a', 1)"),
    ],
)
def test_a_dropped_value_counts_where_making_it_may_change_something(one: str, other: str) -> None:
    codes = [syntax.computation_of(f"{START}{each}\nmodel.fit(ds)\n").code for each in (one, other)]
    assert codes[0] != codes[1]


@pytest.mark.parametrize(
    "report",
    [
        "print(np.round(x, 1), x.round(2), np.maximum(x, 0), len(ds), x[0])",
        "print(sum(rows), list(rows), *rows, 3 in rows, max(each for each in rows))",
        "print(x.shape, ds, it, max(1, it))",
        "print(f'{1:{len(rows)}}')",
        "def half(z):\n    return z / 2\nprint(half(it))",
        "def half(z):\n    return z / 2\nhalf",
        "(x.shape, 1)",
    ],
)
def test_what_only_looks_does_not_count(report: str) -> None:
    *defined, last = report.splitlines()
    one, other = (syntax.computation_of(f"{START}{chr(10).join([*defined, each])}\n") for each in (last, ""))
    assert one == other


def test_a_claim_by_keywords_is_a_claim() -> None:
    one, same, other = (
        syntax.computation_of(f"{START}claim({value})").claims
        for value in ("name='a', value=x.sum()", "name='a',  value=x.sum()", "name='a', value=x.mean()")
    )
    assert list(one) == ["a"] and one == same and one != other


def test_alike_draws_of_two_claims_do_not_change_places() -> None:
    draws = [f"claim('{name}', np.random.rand())\n" for name in "ab"]
    one, other = (syntax.computation_of(START + "".join(each)) for each in (draws, draws[::-1]))
    assert one.claims != other.claims
    means = [f"claim('{name}', x.mean())\n" for name in "ab"]
    assert syntax.computation_of(START + "".join(means)) == syntax.computation_of(START + "".join(means[::-1]))


@pytest.mark.parametrize("page", sorted({one.page for one in claims.definitions().values()}))
def test_another_layout_of_a_page_of_the_book_is_the_same_page(page: str) -> None:
    code = Page.read(page, ROOT).computation
    before = syntax.computation_of(code)
    assert before == syntax.computation_of(ast.unparse(ast.parse(code)))
    assert before.code != syntax.computation_of(code + "\nkeras.utils.set_random_seed(1)\n").code


# ---- which runs are kept


def run(seed: int, code: str = "old", *, pending: bool = False, **more: Any) -> dict[str, Any]:
    made = {
        "page": "p", "seed": seed, "source": "full", "code": code, "claims": {"a": "1"}, "data": "d",
        "values": {"a": 0.5}, "seconds": 10, **more,
    }  # fmt: skip
    return {"pending": True, **made} if pending else made


OLD, NEW = (Identity(code, {"a": "1"}, "d") for code in ("old", "new"))


def which(runs: list[dict[str, Any]]) -> list[tuple[int, str, bool]]:
    return [(each["seed"], each["code"], recordings.counts(each)) for each in runs]


@pytest.mark.parametrize(
    ("old", "new", "seeds", "complete"),
    [
        (5, 4, 5, False),
        (5, 5, 5, True),
        (10, 5, 10, False),
        (10, 5, 5, True),
        (10, 3, 3, False),
        (3, 3, 3, True),
        (1, 1, 1, True),
        (2, 1, 1, False),
    ],
)
def test_old_runs_go_when_the_new_set_is_complete(old: int, new: int, seeds: int, complete: bool) -> None:
    before = [run(seed) for seed in range(1, old + 1)]
    after = arranged([*before, *(run(seed, "new", pending=True) for seed in range(1, new + 1))], NEW, seeds)
    assert [each for each in after if recordings.counts(each)] == (
        [run(seed, "new") for seed in range(1, new + 1)] if complete else before
    )
    assert len(after) == (new if complete else old + new)


def test_new_runs_of_a_page_that_changed_again_go_and_those_of_a_fresh_one_join() -> None:
    assert which(arranged([run(1), run(1, "new", pending=True)], OLD, 5)) == [(1, "old", True)]
    third = Identity("third", {"a": "1"}, "d")
    assert which(arranged([run(1), run(1, "new", pending=True)], third, 5)) == [(1, "old", True)]
    assert which(arranged([run(1), run(2, pending=True)], OLD, 5)) == [(1, "old", True), (2, "old", True)]
    assert which(arranged([run(1, "new", pending=True)], NEW, 5)) == [(1, "new", True)], "there is nothing older"


def test_readers_see_the_set_that_counts(tmp_path: Path) -> None:
    path = tmp_path / "recorded.json"
    store = Store(path)
    for seed in range(1, 6):
        store.add(run(seed, values={"a": 1.0}), seeds=5)
    for seed in range(1, 5):
        store.add(run(seed, "new", values={"a": 2.0}), seeds=5)
    recordings.runs.cache_clear()
    claims.over_seeds.cache_clear()
    assert claims.over_seeds(path)["a"].values == (1.0,) * 5 and len(store.runs()) == 9
    assert all(line.startswith(('{"page"', '{"pending"')) for line in path.read_text().splitlines()[4:-1])
    store.add(run(5, "new", values={"a": 2.0}), seeds=5)
    recordings.runs.cache_clear()
    claims.over_seeds.cache_clear()
    assert claims.over_seeds(path)["a"].values == (2.0,) * 5 and len(store.runs()) == 5


def test_why_runs_are_stale() -> None:
    assert staleness.reasons([run(1)], OLD) == []
    assert staleness.reasons([run(1)], Identity("old", {"a": "1"}, None)) == [], "data that is not here is not compared"
    assert staleness.reasons([run(1)], NEW) == ["the code"]
    assert staleness.reasons([run(1)], Identity("old", {"a": "1"}, "e")) == ["the data"]
    assert staleness.reasons([run(1)], Identity("old", {"a": "2", "b": "1"}, "e")) == ["the claims a, b", "the data"]


@pytest.mark.slow
def test_recordings_at_once_lose_no_run(tmp_path: Path) -> None:
    path = tmp_path / "recorded.json"
    code = (
        "import sys; sys.path.insert(0, 'tests')\nfrom pathlib import Path\nfrom test_recording import run\n"
        "from press.record.store import Store\n"
        "for seed in range(int(sys.argv[2]), 31, 3): Store(Path(sys.argv[1])).add(run(seed), seeds=30)"
    )
    several = [subprocess.Popen([sys.executable, "-c", code, str(path), str(first)], cwd=ROOT) for first in (1, 2, 3)]
    assert [process.wait(timeout=120) for process in several] == [0, 0, 0]
    assert [each["seed"] for each in Store(path).runs()] == list(range(1, 31))


# ---- recording a tiny page

PAGE = """---
jupytext: {text_representation: {extension: .md, format_name: myst}}
kernelspec: {name: python3, display_name: Python 3}
---

# Tiny

```{code-cell} ipython3
import time
from pathlib import Path

import keras
import numpy as np

from book.claims import claim

keras.utils.set_random_seed(1)
rate = 0.1
time.sleep(0.0)
value = float(np.random.normal()) * rate
history = {"loss": [value]}
claim("text-parameters", value)
```

```{code-cell} ipython3
:mystnb: {figure: {name: fig-a}}

print("a figure")
```
"""


MAGICS = """# A page

```{code-cell} ipython3
%matplotlib inline
import math
lines = !echo a; echo b
```

```{code-cell} ipython3
%%capture said
x = 2
```

```{code-cell} ipython3
%%bash
if [ 1 ]; then echo no Python; fi
```

```{code-cell} ipython3
:tags: [raises-exception]
y = 3
1 / 0
```

```{code-cell} ipython3
:tags: [raises-exception]
print("a
```

```{code-cell} ipython3
:tags: [skip-execution]
x = 5
```

```{code-cell} ipython3
?math.pi
z = %pwd
history = {"loss": [x]}
```
"""


def test_a_page_with_magics_is_recorded(tmp_path: Path) -> None:
    (tmp_path / "magic.md").write_text(MAGICS)
    source = (
        "from pathlib import Path\nfrom press.page import Page\nfrom press.record.pages import executed, histories_in\n"
        "space = executed(Page.read('magic', Path()))\n"
        "print([space['x'], space['y'], list(space['lines']), space['z'] == str(Path.cwd()), histories_in(space)])"
    )
    command = [sys.executable, "-c", source]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.stdout.splitlines()[-1:] == ["[2, 3, ['a', 'b'], True, {'history': {'loss': [2.0]}}]"], result.stderr


def test_a_page_that_shows_an_error_has_an_identity() -> None:
    page = Page("magic", MAGICS)
    code = code_identity(page).code
    assert code == code_identity(Page("magic", MAGICS.replace('print("a', 'print("b'))).code
    assert code != code_identity(Page("magic", MAGICS.replace("x = 2", "x = 3"))).code


def test_an_error_in_a_recording_names_the_line_of_the_page() -> None:
    page = Page("chapters/a", "# T\n\n```{code-cell}\n:tags: [a]\n\nx = 1\n\n1 / 0\n```\n")
    with pytest.raises(ZeroDivisionError) as error:
        executed(page)
    last = traceback.extract_tb(error.value.__traceback__)[-1]
    assert (last.filename, last.lineno) == ("chapters/a.md", 8)
    with pytest.raises(PageError, match=r"^chapters/a\.md:8: this is not Python"):
        code_identity(Page("chapters/a", page.text.replace("1 / 0", "1 / (")))


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the page ``chapters/tiny`` and ``chapters/other``, on the sample."""
    (tmp_path / "chapters").mkdir()
    for name in ("tiny", "other"):
        (tmp_path / f"chapters/{name}.md").write_text(PAGE)
    contents = "format: jb-book\nroot: chapters/other\nchapters: [{file: chapters/tiny}]\n"
    (tmp_path / "_toc.yml").write_text(contents)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BOOK_DATA", "sample")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "3")
    return tmp_path


def change(folder: Path, before: str, after: str, name: str = "tiny") -> None:
    path = folder / f"chapters/{name}.md"
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


NAMES = ["chapters/tiny"]


def record(folder: Path, seeds: int | None = None, names: list[str] = NAMES) -> int:
    return record_pages(names, sources.in_use(), seeds, folder / "recorded.json")


def state(folder: Path, source: str = "sample") -> tuple[int, str, int]:
    (row,) = (row for row in listing.rows_of(NAMES, None, folder / "recorded.json") if row.source == source)
    return row.seeds, row.state, row.missing


def stop_after_one_run(folder: Path) -> None:
    add, added = Store.add, []

    def add_and_stop(self: Store, made: dict[str, Any], seeds: int) -> None:
        add(self, made, seeds)
        added.append(made["seed"])
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Store, "add", add_and_stop)
        with pytest.raises(KeyboardInterrupt):
            record(folder)
    assert len(added) == 1


@pytest.mark.slow
def test_a_comma_keeps_the_runs_and_a_rate_does_not(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert record(tiny, 2) == 0
    runs = Store(tiny / "recorded.json").runs()
    assert len({each["values"]["text-parameters"] for each in runs}) == 2, "a seed decides, and nothing else"
    assert not any("pending" in each for each in runs)
    assert len(runs) == 2 and "2/2" in capsys.readouterr().out
    assert state(tiny) == (2, "up to date", 0) and state(tiny, "full") == (0, "not recorded", 10)

    # A comma, a line break, a comment, a claim that moves, another figure: the runs stay.
    for before, after in (
        ("rate = 0.1", "rate = (\n    0.1\n)  # small"),
        ('print("a figure")', 'print("another figure")'),
        ('history = {"loss": [value]}\nclaim("text-parameters", value)',
         'claim("text-parameters", value,)\nhistory = {"loss": [value]}'),
    ):  # fmt: skip
        change(tiny, before, after)
    assert state(tiny) == (2, "up to date", 0)
    assert record(tiny) == 0 and "0 runs to make, 2 there already" in capsys.readouterr().out
    assert Store(tiny / "recorded.json").runs() == runs

    # Another rate: the list says so, and the old runs count until all new ones are there.
    change(tiny, "    0.1\n", "    0.2\n")
    assert state(tiny) == (2, "stale: the code", 2)
    stop_after_one_run(tiny)
    assert state(tiny) == (2, "stale: the code (1 of 2 new runs are there)", 1)
    assert Store(tiny / "recorded.json").set_of("chapters/tiny", "sample") == runs
    recordings.runs.cache_clear()
    counting = recordings.runs(tiny / "recorded.json")
    assert [each["values"] for each in counting] == [each["values"] for each in runs]
    assert record(tiny) == 0 and "1 runs to make, 1 there already" in capsys.readouterr().out
    made = Store(tiny / "recorded.json").set_of("chapters/tiny", "sample")
    assert [each["values"]["text-parameters"] for each in made] == pytest.approx(
        [2 * each["values"]["text-parameters"] for each in runs]
    )
    assert len(Store(tiny / "recorded.json").runs()) == 2 and state(tiny) == (2, "up to date", 0)

    # Other data.
    path = tiny / "recorded.json"
    content = json.loads(path.read_text())
    for each in content["runs"]:
        each["data"] = "other"
    path.write_text(json.dumps(content))
    assert state(tiny) == (2, "stale: the data", 2)


@pytest.mark.slow
def test_pages_are_recorded_side_by_side_and_an_error_ends_no_other(
    tiny: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("press.record.pages.side_by_side", lambda: 2)
    for name, awaited in (("tiny", "other"), ("other", "tiny")):  # each ends when both are there
        wait = f"Path('{name}').touch()\nend = time.time() + 120\nwhile not Path('{awaited}').exists():\n"
        change(tiny, "time.sleep(0.0)", wait + "    assert time.time() < end\n    time.sleep(0.1)", name)
    (tiny / "chapters/wrong.md").write_text(PAGE.replace("rate = 0.1", "rate = 1 / 0"))
    assert record(tiny, 1, ["chapters/wrong", *NAMES, "chapters/other"]) == 1
    assert len(Store(tiny / "recorded.json").runs()) == 2
    said = capsys.readouterr().out
    assert "ZeroDivisionError" in said and "chapters/wrong, seed 1: failed" in said and "3/3" in said


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="it sends a signal")
def test_an_interrupt_ends_the_pages_that_are_running(tiny: Path) -> None:
    change(tiny, "time.sleep(0.0)", "open('running', 'w').close()\ntime.sleep(60.0)")
    code = (
        "from pathlib import Path; from press.record.pages import record_pages; from book.datasets import sources\n"
        "record_pages(['chapters/tiny'], sources.in_use(), 3, Path('recorded.json'))"
    )
    process = subprocess.Popen([sys.executable, "-c", code], cwd=tiny, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 120
    while not (tiny / "running").exists():
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.1)
    children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True).stdout
    assert children.split()
    process.send_signal(signal.SIGINT)
    assert "KeyboardInterrupt" in process.communicate(timeout=30)[1]
    assert not any(Path(f"/proc/{child}").exists() for child in children.split())
    assert Store(tiny / "recorded.json").runs() == []


@pytest.mark.slow
def test_the_list_needs_no_data(tmp_path: Path) -> None:
    environment = {"HOME": str(tmp_path), "KERAS_HOME": str(tmp_path)}
    result = book("record", "claims", "--stale", cwd=ROOT, data="auto", **environment)
    assert result.returncode == 0, result.stdout
    assert "data not compared here" in result.stdout and not list(tmp_path.rglob("*.npz"))
    assert book("record", "rates", "--stale", cwd=ROOT, data="sample").returncode == 1


def test_a_page_that_is_no_python_is_named_with_its_line(tiny: Path) -> None:
    line = PAGE.splitlines().index("rate = 0.1") + 1
    change(tiny, "rate = 0.1", "x = = 1")
    with pytest.raises(PageError, match=rf"chapters/tiny\.md:{line}: this is not Python"):
        state(tiny)
    result = book("record", "claims", "--stale", "--page", "chapters/tiny", cwd=tiny, data="sample")
    assert result.returncode == 1 and f"chapters/tiny.md:{line}" in result.stdout
    assert "Traceback" not in result.stdout


def test_a_magic_counts_and_is_no_error(tiny: Path) -> None:
    change(tiny, "rate = 0.1", "%time rate = 0.1")
    one = staleness.code_identity(Page.read("chapters/tiny", tiny))
    change(tiny, "%time rate = 0.1", "%time rate = 0.2")
    other = staleness.code_identity(Page.read("chapters/tiny", tiny))
    assert one.code != other.code and state(tiny, "full")[1] == "not recorded"
    change(tiny, "%time rate = 0.2\n", "%time rate = 0.2  \n\n")
    assert staleness.code_identity(Page.read("chapters/tiny", tiny)) == other


def test_the_list_says_what_a_recording_takes(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "side_by_side", lambda: 2)
    store = Store(tiny / "recorded.json")
    for seed in range(1, 6):
        store.add(run(seed, page="chapters/tiny", source="sample", seconds=20), seeds=5)
    text = listing.stale(NAMES, None, tiny / "recorded.json")
    assert "stale: the code and the data" in text and "5 runs, 1 min 40 s" in text
    assert "with 2 side by side, as here, 50 s at the least" in text
    assert "BOOK_DATA=sample book record claims --page chapters/tiny" in text
