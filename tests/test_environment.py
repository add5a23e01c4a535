from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml
from packaging.markers import Marker
from packaging.requirements import Requirement

from book.datasets.dataset import datasets
from conftest import ROOT
from running import on_binder

PROJECT, PRESS = (
    tomllib.loads((ROOT / folder / "pyproject.toml").read_text(encoding="utf-8"))["project"] for folder in ("", "press")
)
GROUPS = tomllib.loads((ROOT / "press/pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
LOCKS = {path.name: path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("requirements*.lock"))}
# A pin, an optional marker, and the hashes that follow it.
PIN = re.compile(r"^([\w.\-]+)==([\w.]+)(?: ; ([^\\\n]+?))? \\\n((?:    --hash=sha256:\w+(?: \\)?\n)+)", re.M)
PINS = {name: PIN.findall(text) for name, text in LOCKS.items()}
DATA = [each.packaged.distribution for each in datasets()]
WANTED = {
    "requirements.lock": [
        *PROJECT["dependencies"],
        *(text for text in PRESS["dependencies"] if text != PROJECT["name"]),
        *PRESS["optional-dependencies"]["lab"],
    ],
    "requirements-data.lock": DATA,
    "requirements-dev.lock": [*GROUPS["record"], *GROUPS["test"]],
}
#: What only recording and testing import, and what importing the packages of the data would need.
NOT_FOR_READERS = {"dask", "distributed", "jax", "joblib", "mypy", "pandas", "playwright", "pytest", "scikit-learn"}


@pytest.mark.parametrize(("lock", "text"), [(lock, text) for lock, texts in WANTED.items() for text in texts])
def test_a_lock_pins_every_requirement(lock: str, text: str) -> None:
    wanted = Requirement(text)
    pins = [pin for pin in PINS[lock] if pin[0].lower() == wanted.name.lower()]
    assert pins, f"{wanted.name} is not in {lock}: run `make lock`"
    assert all(wanted.specifier.contains(pin[1]) for pin in pins)


def test_both_packages_are_of_one_version() -> None:
    assert PROJECT["version"] == PRESS["version"] == version(PROJECT["name"]) == version(PRESS["name"])
    assert PROJECT["requires-python"] == PRESS["requires-python"]


@pytest.mark.parametrize("lock", LOCKS)
def test_every_line_of_a_lock_is_a_pin_with_hashes(lock: str) -> None:
    """`make` leaves it to uv to compare the hashes that are there, for it does not demand one of this folder."""
    assert len(PINS[lock]) == len(re.findall(r"^[^\s#]", LOCKS[lock], re.M)) > 0
    assert "://" not in LOCKS[lock]


def test_readers_install_nothing_that_only_records_tests_or_is_never_imported() -> None:
    for lock in ("requirements.lock", "requirements-gpu.lock"):
        assert not {pin[0] for pin in PINS[lock]} & (NOT_FOR_READERS | set(DATA)), lock
    assert sorted({pin[0] for pin in PINS["requirements-data.lock"]}) == sorted(set(DATA) | set(GROUPS["data"]))


def test_scikit_learn_is_nowhere() -> None:
    """Keras imports it where it is there, which costs each process seconds."""
    assert all(pin[0] not in ("scikit-learn", "pandas") for pins in PINS.values() for pin in pins)
    assert importlib.util.find_spec("sklearn") is None, "run `make install`"


def test_the_tools_change_no_version_that_readers_have() -> None:
    here, there = ({pin[:2] for pin in PINS[lock]} for lock in ("requirements.lock", "requirements-dev.lock"))
    shared = {pin[0] for pin in here} & {pin[0] for pin in there}
    assert len(shared) > 10
    assert {pin for pin in there if pin[0] in shared} <= here


def test_the_lock_for_graphics_processors_adds_and_changes_nothing() -> None:
    here, there = ({pin[:3] for pin in PINS[lock]} for lock in ("requirements.lock", "requirements-gpu.lock"))
    assert here <= there
    added = {pin[0] for pin in there - here}
    assert added and all(name.startswith("nvidia-") for name in added)


def test_this_environment_holds_the_locked_versions() -> None:
    pins = [pin for lock in WANTED for pin in PINS[lock]]
    here = [(name, pinned) for name, pinned, marker, _ in pins if not marker or Marker(marker).evaluate()]
    different = [f"{name}: {version(name)}, not {pinned}" for name, pinned in here if version(name) != pinned]
    assert not different


# Everywhere the same commands

PIP = "pip install --no-deps --require-hashes -r requirements"
BY_PIP = [f"{PIP}.lock -r requirements-data.lock", "pip install --no-deps -e . -e ./press"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("README.md", BY_PIP),
        ("chapters/running.md", BY_PIP),
        (".github/workflows/tests.yml", [*BY_PIP, f"{PIP}-dev.lock"]),
        ("postBuild", [f"{PIP}-data.lock", BY_PIP[1]]),  # the environment holds requirements.lock by then
    ],
)
def test_pip_installs_the_same_everywhere(path: str, expected: list[str]) -> None:
    lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
    found = [line.partition("python -m ")[2] for line in lines if "python -m pip install" in line]
    # In the prose, --no-deps also stands in a sentence about a hub.
    assert [command for command in found if "wheel" not in command] == expected


UV = """#!/bin/sh
echo "uv $*" >> log
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no make")
def test_make_installs_each_lock_once_and_again_when_it_changes(tmp_path: Path) -> None:
    """What pages need for `make book`, the tools only for tests and rules. A stub stands for uv."""
    files = [tmp_path / name for name in (*LOCKS, "pyproject.toml", "press/pyproject.toml", "Makefile")]
    for file in files:
        file.parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / file.relative_to(tmp_path), file)
    programs = tmp_path / ".venv/bin"
    programs.mkdir(parents=True)
    for name in ("uv", "book", "python", "ruff", "mypy"):
        (programs / name).write_text(UV if name == "uv" else "#!/bin/sh\n")
        (programs / name).chmod(0o755)
    pages, tools = {"requirements.lock", "requirements-data.lock"}, {"requirements-dev.lock"}
    gpu = {"requirements-gpu.lock", "requirements-data.lock"}

    def make(*arguments: str) -> list[set[str]]:
        """The locks of each installation that a call of make starts."""
        (tmp_path / "log").write_text("")
        # A variable of the caller, such as publish.yml's LOCK, is not this test's.
        variables = {name: value for name, value in os.environ.items() if name not in ("LOCK", "MAKEFLAGS")}
        subprocess.run(["make", *arguments], cwd=tmp_path, env=variables, check=True, capture_output=True)
        calls = (tmp_path / "log").read_text().splitlines()
        assert all(call.startswith("uv pip install") for call in calls)
        assert all("--exact" in call and "--compile-bytecode" in call and "-e . -e ./press" in call for call in calls)
        return [set(re.findall(r"-r (\S+)", call)) for call in calls]

    def change(name: str) -> None:
        """Make one file newer than what is installed, by seconds: some makes count no fractions."""
        for file in (*files, *tmp_path.glob(".venv/installed-*")):
            os.utime(file, (2, 2) if file.parent.name == ".venv" else (1, 1))
        os.utime(tmp_path / name, (3, 3))

    change("Makefile")
    assert make("book") == [pages]
    assert make("book") == make("install") == make("serve") == []
    assert make("lint") == [pages | tools]
    assert make("test") == make("tools") == make("lint") == make("book") == []
    change("requirements-dev.lock")
    assert make("book") == []
    assert make("test") == [pages | tools]
    change("requirements-data.lock")
    assert make("book") == [pages], "and the tools are gone"
    assert make("lint") == [pages | tools]
    change("press/pyproject.toml")
    assert make("lint") == [pages, pages | tools]
    assert make("book", "LOCK=requirements-gpu.lock") == [gpu]
    assert make("book", "LOCK=requirements-gpu.lock") == []
    assert make("test", "LOCK=requirements-gpu.lock") == [gpu | tools]
    assert make("book") == [pages], "which have no graphics processor"

    (programs / "uv").write_text("#!/bin/sh\nexit 1\n")
    change("requirements.lock")
    with pytest.raises(subprocess.CalledProcessError):
        make("book")
    (programs / "uv").write_text(UV)
    assert make("book") == [pages], "an installation that failed is tried again"


def test_conda_and_binder_take_the_lock_itself() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    python, pip, options = environment["dependencies"]
    assert options == {"pip": ["-r requirements.lock"]} and pip == "pip"
    minor = python.removeprefix("python=")
    assert Requirement(f"python{PROJECT['requires-python']}").specifier.contains(f"{minor}.0")


def test_kernels_on_binder_get_their_variables(tmp_path: Path) -> None:
    """What postBuild does, in a folder in place of the environment."""
    script = (ROOT / "postBuild").read_text(encoding="utf-8")
    [command] = [line for line in script.splitlines() if "ipykernel install" in line]
    arguments = command.replace("python", sys.executable, 1).replace("--sys-prefix", f"--prefix {tmp_path}").split()
    subprocess.run(arguments, check=True, capture_output=True)
    kernel = json.loads((tmp_path / "share/jupyter/kernels/python3/kernel.json").read_text(encoding="utf-8"))
    assert kernel["env"]["MALLOC_ARENA_MAX"] == "2"
    assert kernel["env"] == on_binder()


def test_the_package_leaves_the_versions_of_a_notebook_service_alone() -> None:
    for text in PROJECT["dependencies"]:
        assert all(one.operator == ">=" for one in Requirement(text).specifier)
    assert not {Requirement(text).name for text in PROJECT["dependencies"]} & {
        "tensorflow",
        "sphinx",
        "jupyter-book",
    }
