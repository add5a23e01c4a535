"""Nothing of a page that is gone stays in the output: a build of the whole book removes what none of its pages has.

A list of what builds wrote (:mod:`press.written`) keeps the rest safe: what somebody else put into the site's folder is
never removed. Of Sphinx's folder ``_static`` only the book's own files are followed: the others are the theme's.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from press import written
from press.notebook import writing as notebooks
from press.notebook.wheel import wheel_name
from press.site.execution import is_unfinished
from press.site.launch import FOLDER
from press.site.redirects import OWN
from press.site.values import is_student

#: What Sphinx writes beside the pages.
INDEXES = ("searchindex.js", "objects.inv", ".buildinfo")
#: What myst-nb keeps of a page that is executed, beside the site.
EXECUTED = (".ipynb", ".glue.json")
#: How many of the files that are removed are named.
NAMED = 6


def accounted(app: Sphinx) -> Iterator[Path]:
    """The files that the book accounts for, in the site and beside it; some of them may not be there."""
    builder: Any = app.builder
    config, env, site, source = app.config, app.env, Path(app.outdir), Path(app.srcdir)
    executed = site.parent / "jupyter_execute"
    for page in (*env.found_docs, *OWN, *config.book_redirects):
        yield Path(builder.get_outfilename(page))
    for page in env.found_docs:
        if config.html_copy_source:
            suffix, link = Path(env.doc2path(page)).suffix, config.html_sourcelink_suffix
            yield site / "_sources" / f"{page}{suffix}{'' if suffix == link else link}"
        for kind in EXECUTED:
            yield executed / f"{page}{kind}"
    for folder, files in (("_images", env.images), ("_downloads", env.dlfiles)):
        for file, (_, name) in files.items():
            yield site / folder / name
            if (source / file).is_relative_to(executed):  # an output
                yield source / file
    for entry in config.html_static_path:
        yield from _copied(source, entry, site / "_static")
    for entry in config.html_extra_path:
        yield from _copied(source, entry, site)
    for name in offered(app):
        yield site / FOLDER / name
    for name in INDEXES:
        yield site / name


def offered(app: Any) -> Iterator[str]:
    """The names of the files that are written for download."""
    pages = app.book_notebooks.pages
    for page in pages:
        yield notebooks.file_name(page)
        if page.startswith("exercises/") and not is_student(app.config):
            yield notebooks.file_name(page, solutions=True)
    if pages:
        yield from (notebooks.ZIP, wheel_name())


def _copied(source: Path, entry: str, target: Path) -> Iterator[Path]:
    """Where the files of a folder of the book, or a file of it, are copied to."""
    path = source / entry
    if not path.is_relative_to(source):  # an extension's
        return
    if path.is_dir():
        yield from (target / file.relative_to(path) for file in path.rglob("*"))
    else:
        yield target / path.name


def remove(app: Sphinx, error: Exception | None) -> None:
    """Remove what only pages had that are gone, and keep the list of what builds wrote."""
    if error is not None or app.builder.format != "html" or app.config.book_preview:
        return
    site = Path(app.outdir)
    now = {path for path in accounted(app) if path.is_file()}
    before = written.read(site)
    if not app.config.book_pages and not is_unfinished(app):
        gone = [path for path in sorted(before - now) if not _is_one_of(path, now)]
        for path in gone:
            path.unlink()
            _remove_empty(path.parent, site.parent)
        # What lies beside the site, nobody looks at: an execution with other outputs replaces it too.
        if names := [path.relative_to(site).as_posix() for path in gone if path.is_relative_to(site)]:
            more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
            print(
                f"Removed from {site.parent.name}/{site.name}, since no page has it: {', '.join(names[:NAMED])}{more}."
            )
        before = set()
    written.write(site, before | now)


def _is_one_of(path: Path, files: set[Path]) -> bool:
    """Whether a path is another spelling of one of some files, as ``A.html`` is of ``a.html`` on some systems."""
    spelt = str(path).casefold()
    return any(str(file).casefold() == spelt and file.samefile(path) for file in files)


def _remove_empty(folder: Path, root: Path) -> None:
    """Remove a folder, and those that hold it, as far as they are empty."""
    while folder != root and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def setup(app: Sphinx) -> None:
    """Connect to Sphinx's events."""
    app.connect("build-finished", remove, priority=800)  # when all that this build writes is there
