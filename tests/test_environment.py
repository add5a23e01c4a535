from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml
from packaging.markers import Marker
from packaging.requirements import Requirement

from conftest import ROOT
from running import on_binder

PROJECT, PRESS = (
    tomllib.loads((ROOT / folder / "pyproject.toml").read_text(encoding="utf-8"))["project"] for folder in ("", "press")
)
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
# A pin, an optional marker, and the hashes that follow it.
PINS = re.findall(r"^([\w.\-]+)==([\w.]+)(?: ; ([^\\\n]+?))? \\\n((?:    --hash=sha256:\w+(?: \\)?\n)+)", LOCK, re.M)
EXTRAS = PRESS["optional-dependencies"]


@pytest.mark.parametrize(
    "text",
    [
        *PROJECT["dependencies"],
        *(text for text in PRESS["dependencies"] if text != PROJECT["name"]),
        *(text for extra in ("lab", "record", "dev") for text in EXTRAS[extra]),
    ],
)
def test_the_lock_pins_every_requirement(text: str) -> None:
    wanted = Requirement(text)
    pins = [pin for pin in PINS if pin[0].lower() == wanted.name.lower()]
    assert pins, f"{wanted.name} is not in requirements.lock: run `make lock`"
    assert all(wanted.specifier.contains(pin[1]) for pin in pins)


def test_both_packages_are_of_one_version() -> None:
    assert PROJECT["version"] == PRESS["version"] == version(PROJECT["name"]) == version(PRESS["name"])
    assert PROJECT["requires-python"] == PRESS["requires-python"]


def test_every_line_of_the_lock_is_a_pin_with_hashes() -> None:
    assert len(PINS) == len(re.findall(r"^[a-z]", LOCK, re.M)) > 100
    assert "://" not in LOCK


def test_the_lock_for_graphics_processors_adds_and_changes_nothing() -> None:
    text = (ROOT / "requirements-gpu.lock").read_text(encoding="utf-8")
    assert "://" not in text
    here, there = (dict(re.findall(r"^([\w.\-]+)==([\w.]+)", each, re.M)) for each in (LOCK, text))
    assert {name: there.get(name) for name in here} == here
    added = set(there) - set(here)
    assert added and all(name.startswith("nvidia-") for name in added)


def test_this_environment_holds_the_locked_versions() -> None:
    here = [(name, pinned) for name, pinned, marker, _ in PINS if not marker or Marker(marker).evaluate()]
    different = [f"{name}: {version(name)}, not {pinned}" for name, pinned in here if version(name) != pinned]
    assert not different


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
