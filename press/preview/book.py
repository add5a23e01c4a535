"""The book of a preview: its site, brought up to date again and again by one process."""

from __future__ import annotations

import hashlib
import queue
import shutil
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import SphinxError

from book.datasets.sources import DataError
from press.build import Site, fault_in
from press.contents import Contents
from press.faults import Fault
from press.page import Page, PageError
from press.proofs import faults_of_files, own_faults
from press.site.kernels import Executor, Progress

#: The preview has a site of its own: what it leaves half done is not published, and a build beside it disturbs nothing.
OUTPUT = Path("_build/preview")


@dataclass
class Update:
    """What a change of the sources led to.

    Attributes:
        written: The pages that are other than they were, for example ``chapters/cnn``.
        faults: All that is wrong with the book as far as it is known.
        seconds: How long it took.
        processor: How much processor time it took in this process, in seconds.
    """

    written: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0
    processor: float = 0.0


class Book:
    """The book in the current folder."""

    def __init__(self) -> None:
        self.site: Site | None = None
        self._is_old = False
        self._proofs: dict[Page, list[Fault]] = {}
        self._saved: set[str] = set()
        self._was_built = False
        self._read: set[str] = set()
        self._written: set[str] = set()
        self._digests: dict[str, bytes] = {}
        self._is_about_pages = True
        #: What is wrong with pages stays known until they are read or written again; the rest is said by each build.
        self._of_pages: list[Fault] = []
        self._of_all: list[Fault] = []

    @property
    def folder(self) -> Path:
        """The folder of the site."""
        return OUTPUT / "_build/html"

    def seed(self) -> None:
        """Begin with what `book build` has made, if there is no older preview."""
        built = Path("_build")
        if self.folder.is_dir() or not (built / ".doctrees/environment.pickle").is_file():
            return
        for name in ("html", ".doctrees"):
            shutil.copytree(built / name, OUTPUT / "_build" / name)

    def update(self, *, anew: bool = False) -> Update:
        """Bring the site up to date.

        Args:
            anew: Read the settings, the contents and the references again.

        Returns:
            What came of it. Nothing that is wrong with the book is an exception here.
        """
        started, processor = time.perf_counter(), time.process_time()
        self._read, self._written, faults, found = set(), set(), list[str](), list[Fault]()
        self._is_old |= anew
        try:
            contents = Contents.read(Path())
            found = faults_of_files(Path(), contents.pages)
            if not found:
                found = self._proofread(contents)
                self._build()
        except SphinxError as problem:
            faults.append(str(fault_in(problem)))
        except (PageError, DataError, OSError) as problem:
            faults.append(str(problem))
        except Exception as problem:  # of Sphinx, of an extension or of ours: the next change may mend it
            traceback.print_exc()
            faults.append(f"{type(problem).__name__}: {problem}. The terminal says where")
        faults += [str(each) for each in sorted({*found, *self._of_pages, *self._of_all})]
        seconds, spent = time.perf_counter() - started, time.process_time() - processor
        return Update(self._changed(), list(dict.fromkeys(faults)), seconds, spent)

    def _proofread(self, contents: Contents) -> list[Fault]:
        """What pages show by themselves to be wrong. What takes all pages together is left to a build."""
        pages = [Page.read(name, Path()) for name in contents.pages]
        # Sphinx compares times, and would not see what was saved while it was reading that page.
        self._saved = {page.name for page in pages if page not in self._proofs}
        self._proofs = {page: self._proofs[page] if page in self._proofs else own_faults(page) for page in pages}
        return [fault for found in self._proofs.values() for fault in found]

    def _opened(self) -> Site:
        settings = {"book_waits": False, "book_preview": True}
        executor = self.site.executor if self.site else None
        if self.site:
            self.site.close(kernels=False)
        site = self.site = Site(OUTPUT, settings, self._note, executor)
        site.app.connect("env-get-outdated", lambda *_: sorted(self._saved) if self._was_built else [])
        site.app.connect("source-read", self._note_read)
        site.app.connect("env-updated", self._leave_pages, priority=0)
        site.app.connect("write-started", self._come_to_pages)
        site.app.connect("html-page-context", self._note_written)
        return site

    def _build(self) -> None:
        site = self._opened() if self._is_old or self.site is None else self.site
        before, self._of_pages, self._of_all, self._is_about_pages = self._of_pages, [], [], True
        # Sphinx removes what it knows when it fails. That is still true of what was written before, and takes long to
        # be found again; what the application itself holds then is half of something.
        known, kept = OUTPUT / "_build/.doctrees/environment.pickle", OUTPUT / "_build/environment.pickle"
        if known.is_file():
            shutil.copy2(known, kept)
        self._is_old = True
        try:
            site.update()
            self._is_old, self._was_built = False, True
        finally:
            if self._is_old and kept.is_file():
                shutil.copy2(kept, known)
            new = {f"{page}.md" for page in self._read | self._written}
            self._of_pages += [fault for fault in before if fault.file not in new and Path(fault.file).is_file()]
        site.executor.start()

    def _changed(self) -> set[str]:
        """The pages that were written and are not as they were. The first page is written by every build."""
        changed = set()
        for page in self._written:
            file = self.folder / f"{page}.html"
            digest = hashlib.sha256(file.read_bytes()).digest() if file.is_file() else b""
            if self._digests.get(page) != digest:
                changed.add(page)
            self._digests[page] = digest
        return changed

    def _note(self, fault: Fault) -> None:
        (self._of_pages if self._is_about_pages else self._of_all).append(fault)

    def _note_read(self, app: Sphinx, docname: str, source: list[str]) -> None:
        self._read.add(docname)

    def _leave_pages(self, app: Sphinx, env: Any) -> None:
        self._is_about_pages = False

    def _come_to_pages(self, app: Sphinx, builder: Any) -> None:
        self._is_about_pages = True

    def _note_written(
        self, app: Sphinx, docname: str, template: str, context: dict[str, Any], doctree: nodes.document | None
    ) -> None:
        if doctree is not None:
            self._written.add(docname)

    @property
    def executor(self) -> Executor | None:
        """What executes the pages; None as long as there is no site."""
        return self.site.executor if self.site else None

    def running(self) -> list[Progress]:
        """How far the pages are that are being executed."""
        return self.executor.running() if self.executor else []

    def ended(self) -> set[str]:
        """The pages that have been executed, well or not, since this was last asked."""
        ended = set()
        with suppress(queue.Empty):
            while self.executor:
                ended.add(self.executor.ended.get_nowait())
        return ended

    def saved(self, page: str) -> None:
        """Have a page executed again that failed: what it lacked may be there now."""
        if (executor := self.executor) and (run := executor.runs.get(page)) and run.facts.get("failure"):
            executor.forget(page)

    def close(self) -> None:
        """End the kernels."""
        if self.site is not None:
            self.site.close()
