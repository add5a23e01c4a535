"""The ``book`` command as the tests run it: all of it, in a process of its own.

On Linux the process is forked from one that has imported what a build needs: importing it is two thirds of the build of
a tiny book. Elsewhere a fork is not safe or not there, and each process starts from nothing.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from multiprocessing.queues import SimpleQueue
from pathlib import Path

#: What is imported once: the command, and Jupyter Book with the extensions that ``_config.yml`` names.
#: Not Keras, which starts threads: they would be lost in a fork.
IMPORTED = [
    "press.cli",
    "press.handout.marking",
    "press.handout.packing",
    "press.site",
    "jupyter_book.sphinx",
    "myst_nb.sphinx_ext",
    "sphinx.builders.html",
    "sphinx_book_theme",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_exercise",
    "sphinx_togglebutton",
    "sphinxcontrib.bibtex",
]
#: Seconds after which a command is taken to hang.
TIMEOUT = 3000


class Spent:
    """Processor seconds of the commands that were forked: the system adds those to another process than this one."""

    seconds = 0.0


def book(*arguments: str, cwd: Path, data: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the ``book`` command of this environment, with some more environment variables."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BOOK_")}
    environment |= {"BOOK_DATA": str(data), **variables}
    if sys.platform == "linux":
        return _forked(arguments, cwd, environment)
    return subprocess.run(
        [sys.executable, "-m", "press.cli", *arguments],
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=TIMEOUT,
    )


def _forked(arguments: Sequence[str], cwd: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(IMPORTED)
    spent = context.SimpleQueue()
    with tempfile.NamedTemporaryFile() as file:
        process = context.Process(target=_become_book, args=(arguments, str(cwd), environment, file.name, spent))
        process.start()
        process.join(TIMEOUT)
        if process.exitcode is None:
            process.kill()
            raise subprocess.TimeoutExpired(["book", *arguments], TIMEOUT)
        if not spent.empty():  # it may have left at once, without a last word
            Spent.seconds += spent.get()
        output = file.read().decode()
    return subprocess.CompletedProcess(["book", *arguments], process.exitcode, output)


def _become_book(
    arguments: Sequence[str], folder: str, environment: dict[str, str], output: str, spent: SimpleQueue[float]
) -> None:
    """Run the command in this process, with its own folder, variables and output."""
    from press.cli import main

    with Path(output).open("wb") as file:
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["book", *arguments]
    try:
        main()
    finally:
        spent.put(sum(os.times()[:4]))
