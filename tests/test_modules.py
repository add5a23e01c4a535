"""The explorers' JavaScript: modules joined to one text for a page, and the types in their comments."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import javascript
from book.explorers.modules import COMMENT, joined
from conftest import ROOT

FOLDER = ROOT / "book/explorers"
ENTRIES = ("diagnose.js", "overfitting.js", "rates.js")
LAST = "export default { render };\n"


def written(folder: Path, **modules: str) -> Path:
    """Write modules, and return the path of the one that is called entry."""
    for name, text in modules.items():
        (folder / f"{name}.js").write_text(text, encoding="utf-8")
    return folder / "entry.js"


def test_what_is_imported_stands_once_and_before_what_imports_it(tmp_path: Path) -> None:
    entry = written(
        tmp_path,
        entry='// Told.\nimport { a } from "./one.js";\nimport {\n  b,\n} from "./two.js";\n\nconst render = a + b;\n'
        + LAST,
        one='import { b } from "./two.js";\nexport const a = b;\n',
        two='/**\n * Told at length.\n */\nexport const b = "// no comment";\nfunction c() {}\n',
        three="export const unused = 1;\n",
    )
    assert joined(entry) == (
        'const b = "// no comment";\nfunction c() {}\nconst a = b;\n\nconst render = a + b;\n' + LAST
    )
    assert joined(entry) == joined(entry)


def test_a_comment_ends_where_it_ends(tmp_path: Path) -> None:
    """One that begins a line of code is a part of it, and the code after it is not a comment."""
    code = (
        "const render = () => {\n  /** @type {any} */ (1).toString();\n  /** Told. */\n  return 2 * 3; /* six */\n};\n"
    )
    text = joined(written(tmp_path, entry=code + LAST))
    assert text == code.replace("  /** Told. */\n", "") + LAST


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('import a from "./one.js";\n', "is not understood"),
        ('import * as a from "./one.js";\n', "is not understood"),
        ('import { a as b } from "./one.js";\n', "is not understood"),
        ('import { a } from "elsewhere";\n', "is not understood"),
        ('import "./one.js";\n', "is not understood"),
        ('const late = () => import("./one.js");\n', "is not understood"),
        ("const here = () => import.meta.url;\n", "is not understood"),
        ("export { render };\n", "is not understood"),
        ("export let changing = 1;\n", "is not understood"),
        ("export class Thing {}\n", "is not understood"),
        ("class Thing {}\n", "is not understood"),
        ("const [a, b] = [1, 2];\n", "is not understood"),
        ("export default { render };\n", "and no other, ends with"),
        ('import { missing } from "./one.js";\n', "imports missing, which one.js does not export"),
        ('import { hidden } from "./one.js";\n', "imports hidden, which one.js does not export"),
        ('import { a } from "./none.js";\n', "there is no such file"),
        ('import { a } from "./one.js";\nconst hidden = 2;\n', "`hidden` is declared in one.js too"),
        ('import { round } from "./circle.js";\n', "imports itself, through entry.js, circle.js"),
    ],
)
def test_what_cannot_be_joined_is_an_error_that_names_the_file(text: str, said: str, tmp_path: Path) -> None:
    entry = written(
        tmp_path,
        entry=text + "function render() {}\n" + LAST,
        one="export const a = 1;\nconst hidden = 1;\n",
        circle='import { round } from "./circle.js";\nexport const round = 1;\n',
    )
    with pytest.raises(ValueError, match=re.escape(said)) as raised:
        joined(entry)
    assert re.match(r".*(entry|circle)\.js: ", str(raised.value))


def test_only_the_module_of_a_widget_has_a_default(tmp_path: Path) -> None:
    entry = written(tmp_path, entry='import { a } from "./one.js";\n' + LAST, one="export const a = 1;\n" + LAST)
    with pytest.raises(ValueError, match=r"one\.js: the module of a widget, and no other"):
        joined(entry)
    with pytest.raises(ValueError, match="ends with"):
        joined(written(tmp_path, entry="const render = 1;\n"))


@pytest.mark.parametrize("name", ENTRIES)
def test_an_explorer_carries_what_it_imports_and_no_more(name: str) -> None:
    text = joined(FOLDER / name)
    for path in FOLDER.glob("*.js"):
        longest = max(COMMENT.sub("", path.read_text(encoding="utf-8")).splitlines(), key=len)
        whose = f"{path.stem.partition('_')[0]}.js"
        if whose in ENTRIES:
            assert (longest.removeprefix("export ") in text) == (whose == name), path.name
    assert "@param" not in text and not re.search(r"^(?:import|//)", text, re.M)
    assert re.findall(r"^export.*", text, re.M) == ["export default { render };"]


def test_no_function_is_long() -> None:
    """A function that stands for itself, from its first line to its last."""
    seen = 0
    for path in javascript.files():
        if path.parent == FOLDER:
            text = path.read_text(encoding="utf-8")
            for found in re.finditer(r"^(?:export )?(?:function|const) (\w+)[^\n]*\{\n.*?^\}", text, re.M | re.S):
                seen += 1
                assert found[0].count("\n") < 60, f"{path.name}: {found[1]}"
    assert seen > 50


# ---- Types


def checked(*files: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "tests/javascript.py"), *map(str, files)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_node_it_says_that_types_are_not_checked(tmp_path: Path) -> None:
    result = checked(PATH=str(tmp_path))
    assert result.returncode == 0
    assert result.stdout == "Types of the JavaScript: not checked, since there is no Node here.\n"


needs_node = pytest.mark.skipif(not shutil.which("npx"), reason="there is no Node here")


@needs_node
def test_with_node_and_without_npm_it_fails_and_says_what_to_do(tmp_path: Path) -> None:
    result = checked(npm_config_offline="true", npm_config_cache=str(tmp_path))
    assert result.returncode == 1
    assert "Connect to the network" in result.stderr and "Traceback" not in result.stderr


@pytest.mark.slow
@needs_node
def test_types_are_right_and_a_wrong_one_is_found(tmp_path: Path) -> None:
    result = checked()
    if "npx cannot get" in result.stderr:
        pytest.skip("TypeScript cannot be had here")
    assert result.returncode == 0, result.stderr
    assert result.stdout == f"Types of the JavaScript: right in {len(javascript.files())} files.\n"
    copies = [Path(shutil.copy(path, tmp_path)) for path in FOLDER.glob("*.js")]
    words = tmp_path / "rates_words.js"
    words.write_text(words.read_text(encoding="utf-8").replace("lossText(size)", "lossText(share)"), encoding="utf-8")
    result = checked(*copies)
    assert result.returncode == 1
    assert re.search(r"rates_words\.js\(\d+,\d+\): error TS2345", result.stderr), result.stderr
