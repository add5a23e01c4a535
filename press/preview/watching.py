"""Watching the sources: which files were saved, however an editor saves them."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable
from pathlib import Path

from watchfiles import Change, DefaultFilter, watch

#: What the book is made of.
TEXTS = {".md", ".yml", ".bib", ".py", ".toml", ".json", ".jsonl", ".lock", ".mplstyle", ".css", ".js"}
IMAGES = {".svg", ".png", ".jpg", ".jpeg", ".gif", ".webp", ".ico"}
#: Folders at the top of the book that hold no source.
LEFT_OUT = frozenset({"_build", "node_modules", "tests"})
#: How long no more may be saved before it is told, in milliseconds. An editor that saves a file by another name, and
#: then renames it, takes less.
QUIET = 100


class Sources(DefaultFilter):
    """Files that the book is made of."""

    def __call__(self, change: Change, path: str) -> bool:
        """Whether a file that has changed is one."""
        return Path(path).suffix in TEXTS | IMAGES and super().__call__(change, path)


class Watcher:
    """Puts the files that were saved into a queue, those of one moment together.

    Args:
        root: The book's folder.
        packages: Folders of code outside it.
        saved: The queue.
    """

    def __init__(self, root: Path, packages: Iterable[Path], saved: queue.SimpleQueue[set[Path]]) -> None:
        self.root, self.packages, self.saved = root, list(packages), saved

    def start(self) -> None:
        """Watch from now on."""
        for work in (self._watch_top, self._watch_folders):
            threading.Thread(target=work, daemon=True).start()

    def _folders(self) -> set[Path]:
        """The folders that hold sources. The top is none: below it are environments of tens of thousands of files."""
        own = {path for path in self.root.iterdir() if path.is_dir() and not path.name.startswith(".")}
        return {path for path in own if path.name not in LEFT_OUT} | set(self.packages)

    def _watch_top(self) -> None:
        for changes in watch(self.root, recursive=False, watch_filter=Sources(), step=QUIET, raise_interrupt=False):
            self._put(changes)

    def _watch_folders(self) -> None:
        """Watch the folders, and begin again when there is another one."""
        new: set[Path] = set()
        while True:
            folders = self._folders()
            for changes in watch(
                *folders, watch_filter=Sources(), step=QUIET, raise_interrupt=False, rust_timeout=1000,
                yield_on_timeout=True,
            ):  # fmt: skip
                self._put(changes)
                # Now that a new folder is watched: what was saved there before, and nothing is missed in between.
                if files := {path for folder in new for path in folder.rglob("*") if path.is_file()}:
                    self.saved.put(files)
                now = self._folders()
                new = now - folders
                if now != folders:
                    break

    def _put(self, changes: set[tuple[Change, str]]) -> None:
        if changes:
            self.saved.put({Path(path) for _, path in changes})
