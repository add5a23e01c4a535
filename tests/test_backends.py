from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from book import claims
from conftest import ROOT
from press.page import Page
from test_site import EXECUTED

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("backend", ["jax", "torch"])
@pytest.mark.parametrize("name", [name for name in EXECUTED if not name.startswith("exercises/")])
def test_the_code_of_a_page_runs_on_every_backend(name: str, backend: str, small_data: Path) -> None:
    if find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    environment = {**os.environ, "KERAS_BACKEND": backend, "BOOK_DATA": str(small_data)}
    command = [sys.executable, "-m", "press.record.pages", name, "1"]
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr[-3000:]
    run = json.loads(result.stdout.splitlines()[-1])
    assert run["backend"].startswith(backend)
    assert run["values"].keys() == {one.id for one in claims.definitions().values() if one.page == name}
    for one in claims.definitions().values():
        if one.id in run["values"] and one.data == "any":
            assert claims.judge(one, run["values"][one.id], "part", None).holds, one


def test_a_page_gives_the_same_numbers_for_the_same_seed(small_data: Path) -> None:
    code = "from press.record.pages import run_page; print(run_page('chapters/text-classification', {})['values'])"
    assert Page.read("chapters/text-classification", ROOT).is_executed
    outputs = [
        subprocess.run(
            [sys.executable, "-c", code.format(seed)],
            cwd=ROOT,
            env={**os.environ, "KERAS_BACKEND": "jax", "BOOK_DATA": str(small_data)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()[-1]
        for seed in (1, 1, 2)
    ]
    assert outputs[0] == outputs[1] != outputs[2]
