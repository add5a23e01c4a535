"""All of the book in one archive, for a room with no network."""

from __future__ import annotations

import hashlib
import html
import tempfile
import zipfile
from pathlib import Path

from book.datasets import sources
from press import written
from press.contents import LEFT_OUT, NOT_YET
from press.notebook import writing as notebooks
from press.notebook.wheel import wheel_name
from press.page import PageError

#: What Sphinx writes at the top of each site.
MADE_BY_SPHINX = ".buildinfo"

START = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
  :root {{ color-scheme: light dark; font: 1.05rem/1.6 system-ui, sans-serif; }}
  body {{ max-width: 42rem; margin: 2rem auto; padding: 0 1rem; }}
  code {{ overflow-wrap: anywhere; }}
  pre {{ overflow-x: auto; }}
</style>
<h1>{title}</h1>
<p>This folder holds the whole book. Nothing in it needs a network, except the packages, which have to be fetched
once.</p>
<h2>Read</h2>
<p><a href="site/index.html">Open the book</a>. It works from a USB stick too. What is still in the zip archive has to
be unpacked first.</p>
<h2>Run</h2>
<p>The notebooks are in <code>site/notebooks</code>. A browser shows one as text: JupyterLab runs it, as said below.</p>
<ul>
{notebooks}
</ul>
<p>They need an environment with the packages in <code>requirements.lock</code> and the package <code>book</code>,
which is the file <code>{wheel}</code> beside them. Where there is a network, fetch the former, for machines like the
one you type on:</p>
<pre><code>python -m pip download --require-hashes -r requirements.lock -d packages</code></pre>
<p>In the room with no network:</p>
<pre><code>python -m venv room
room/bin/python -m pip install --no-index --find-links packages --require-hashes -r requirements.lock
room/bin/python -m pip install --no-index --no-deps site/notebooks/{wheel}
BOOK_DATA=$PWD/data room/bin/python -m jupyterlab site/notebooks</code></pre>
<p>On Windows write <code>room\\Scripts</code> for <code>room/bin</code>, and set the variable first, with
<code>set BOOK_DATA=%CD%\\data</code>.</p>
<h2>The data</h2>
<p><code>data</code> holds {data}.</p>
<h2>Is it all there?</h2>
<p><code>SHA256SUMS</code> lists every file. On Linux <code>sha256sum --check --quiet SHA256SUMS</code> compares them,
on a Mac <code>shasum -a 256 --check --quiet SHA256SUMS</code>; both say nothing if all is well.</p>
</html>
"""


def write_pack(site: Path, book: notebooks.Book, archive: Path) -> list[str]:
    """Write the archive: the site with its notebooks, the data, the list of packages, a start page and checksums.

    Of the site it holds what builds wrote (:mod:`press.written`), and says what else is there.

    Args:
        site: The folder of the built site.
        book: The pages.
        archive: The zip file; one that is there is replaced, whole or not at all.

    Returns:
        The names of the files in it, below a folder that is called like the archive.

    Raises:
        OSError: The archive cannot be written.
        PageError: A page or its notebook is not in the built site.
    """
    if archive.is_dir():
        raise IsADirectoryError(f"{archive} is a folder: name the zip file to write")
    if not archive.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {archive.parent} to write {archive.name} to")
    for folder in archive.resolve().parents:
        if (folder / MADE_BY_SPHINX).is_file():
            raise PageError(
                f"{archive} would lie in the site {folder}, and be published with it, data and all: "
                f"write it elsewhere, for example to {archive.name}"
            )
    names = [f"{page}.html" for page in book.titles]
    names += [f"notebooks/{notebooks.file_name(page)}" for page in book.titles]
    if missing := [name for name in names if not (site / name).is_file()]:
        raise PageError(f"the built site has no {', no '.join(missing)}: run `book build` first")
    for says, what in ((LEFT_OUT, "left out"), (NOT_YET, "ended before it had executed")):
        if stubs := [page for page in book.titles if says in (site / f"{page}.html").read_text(encoding="utf-8")]:
            raise PageError(f"the last build {what} {', '.join(stubs)}: run `book build` without --page first")
    parts = _parts(site)
    with tempfile.TemporaryDirectory() as work:
        data = sources.export(Path(work, "data"))
        files = {f"site/{path.relative_to(site).as_posix()}": path for path in parts}
        files |= {f"data/{file.path.name}": file.path for file in data.files}
        files["requirements.lock"] = book.root / "requirements.lock"
        files["START.html"] = Path(work, "START.html")
        files["START.html"].write_text(_start_page(book, data), encoding="utf-8")
        sums = Path(work, "SHA256SUMS")
        digests = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {name}" for name, path in files.items()]
        sums.write_text("\n".join(digests) + "\n", encoding="utf-8", newline="\n")
        files["SHA256SUMS"] = sums
        _zip(files, archive)
    return list(files)


def _parts(site: Path) -> list[Path]:
    """The files of the site that builds wrote; what else lies there is named on the terminal.

    Raises:
        PageError: No build of this version has written the site.
    """
    known = written.read(site)
    if not known:
        raise PageError(f"no list of what builds wrote lies beside {site}: run `book build` first")
    there = {path for path in sorted(site.rglob("*")) if path.is_file()}
    # The theme's files are the site's too.
    parts = {path for path in there if path in known or path.is_relative_to(site / "_static")}
    if others := sorted(path.relative_to(site).as_posix() for path in there - parts):
        print(f"Left out of the archive, since no build wrote it: {', '.join(others)}", flush=True)
    return sorted(parts)


def _start_page(book: notebooks.Book, data: sources.Source) -> str:
    """The page that says how to read and to run what is in the archive."""
    links = [
        f'<li><a href="site/notebooks/{notebooks.file_name(page)}">{html.escape(title)}</a></li>'
        for page, title in book.titles.items()
    ]
    return START.format(
        title=html.escape(book.configuration["title"]),
        notebooks="\n".join(links),
        wheel=wheel_name(),
        data=html.escape(data.description.replace(f" in {data.folder}", "")),
    )


def _zip(files: dict[str, Path], archive: Path) -> None:
    """Write files by their names in the archive, whole or not at all."""
    # Beside its place, so that moving it there is one step.
    with tempfile.TemporaryDirectory(dir=archive.parent, prefix=f".{archive.stem}-") as beside:
        whole = Path(beside, archive.name)
        with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as out:
            for name, path in files.items():
                out.write(path, f"{archive.stem}/{name}")
        whole.replace(archive)
