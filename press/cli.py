"""Build and serve the site, write and check notebooks, pack the book for a class, look after the data, record runs."""

from __future__ import annotations

import argparse
import contextlib
import errno
import functools
import http.server
import importlib.util
import os
import posixpath
import re
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from book import claims
from book.datasets import sources
from book.sweeps.configurations import SWEEPS
from press import build as building
from press.contents import FILE, Contents
from press.faults import Fault
from press.lock import alone
from press.page import Page, PageError
from press.proofs import faults, faults_of_files

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction

    Commands = _SubParsersAction[ArgumentParser]

BUILDS = Path("_build")
SITE = BUILDS / "html"
STUDENT = BUILDS / "student"


def build(arguments: argparse.Namespace) -> int:
    """Execute the pages that need it and write the site."""
    started = time.monotonic()
    contents = Contents.read(Path())
    names = _page_names(arguments.page, contents)
    if found := _proofread(contents, names):  # before any data is fetched
        for fault in found:
            building.tell(fault)
        return 1
    source = chosen_source(arguments.data)
    print(source.description, flush=True)
    # Every kernel and the site see the same decision.
    os.environ["BOOK_DATA"] = source.setting
    settings = {"book_pages": names, "book_colab_run": arguments.colab_run}
    output = Path()
    if arguments.student:
        settings["book_edition"] = "student"
        output = STUDENT
    _require_writable(output / SITE)
    with alone(BUILDS):
        code = building.build(output, settings)
    minutes = (time.monotonic() - started) / 60
    if code:
        print(f"The build failed after {minutes:.1f} minutes: see above.", file=sys.stderr)
    else:
        hint = "" if arguments.student else ", or run `book serve`"
        print(f"Built in {minutes:.1f} minutes: open {output / SITE / 'index.html'}{hint}.")
    return code


def _proofread(contents: Contents, names: list[str]) -> list[Fault]:
    """What is wrong with the pages that are built, as far as it shows before anything is executed.

    Args:
        contents: The table of contents.
        names: The pages; all, if none is named.
    """
    chosen = {f"{name}.md" for name in names}
    others = {f"{name}.md" for name in contents.pages} - chosen if names else set()
    return [fault for fault in faults(contents, Path()) if fault.file not in others]


def _require_writable(folder: Path) -> None:
    """Make a folder and write into it: an error now, in one line, and not in the middle of a build.

    Raises:
        OSError: It cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"x")


def chosen_source(choice: str) -> sources.Source:
    """The data that ``--data`` and ``BOOK_DATA`` ask for together.

    Raises:
        DataError: ``full`` was asked for, and the folder in ``BOOK_DATA`` holds less.
    """
    named = os.environ.get("BOOK_DATA", "")
    if choice == "sample":
        return sources.resolve("sample")
    if choice == "full":
        source = sources.resolve("full" if named in ("", "auto", "sample") else named)
        if source.name != "full":
            raise sources.DataError(f"--data full was asked for, and BOOK_DATA gives {source.description}: unset it.")
        return source
    return sources.resolve()


def serve(arguments: argparse.Namespace) -> int:
    """Serve the built site on this machine only."""
    if not _is_built(SITE) or not _is_port(arguments.port):
        return 1
    # A port in use is an OSError, which main() turns into one line.
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(SITE))
    with http.server.ThreadingHTTPServer(("127.0.0.1", arguments.port), handler) as server:
        print(f"Serving {SITE} on http://127.0.0.1:{server.server_address[1]}/ (stop with Ctrl-C)", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()
    return 0


def preview(arguments: argparse.Namespace) -> int:
    """Serve the site, and bring it up to date whenever a source is saved."""
    from press.preview.book import OUTPUT
    from press.preview.preview import Preview

    if not _is_port(arguments.port):
        return 1
    with contextlib.suppress(PageError):  # a preview shows what is wrong there; no file is another folder
        Contents.read(Path())
    source = chosen_source("auto")
    print(source.description, flush=True)
    os.environ["BOOK_DATA"] = source.setting
    with alone(OUTPUT):
        Preview(arguments.port).run()
    return 0


def data(arguments: argparse.Namespace) -> int:
    """Say which data is in use, or export it."""
    source = sources.resolve()
    if arguments.action == "export":
        source = sources.export(arguments.folder, arguments.rows, source)
    print(source.description)
    for file in source.files:
        print(f"{file.size:>12,} bytes  SHA-256 {file.sha256}  {file.path}")
    return 0


def write_notebooks(arguments: argparse.Namespace) -> int:
    """Write the chapters, and the exercises in both editions, as notebooks."""
    from press.notebook import writing as notebooks

    for path in notebooks.write(notebooks.Book(Path()), arguments.folder):
        print(path)
    print(f"{arguments.folder / notebooks.ZIP}  all exercises, with the package that they need")
    return 0


def pack(arguments: argparse.Namespace) -> int:
    """Write the built site, the notebooks and the data as one archive."""
    from press.handout import packing
    from press.notebook import writing as notebooks

    site = STUDENT / SITE if arguments.student else SITE
    if not _is_built(site):
        return 1
    print(sources.resolve().description, flush=True)
    with alone(BUILDS):
        names = packing.write_pack(site, notebooks.Book(Path()), arguments.archive)
    print(
        f"{arguments.archive}: {len(names)} files, {arguments.archive.stat().st_size / 1e6:.0f} MB. Start: START.html"
    )
    return 0


def links(arguments: argparse.Namespace) -> int:
    """Print a link to each notebook on a JupyterHub."""
    from press.notebook import writing as notebooks
    from press.site.launch import pull

    if not re.match(r"https?://[^/]", arguments.hub):
        print(
            f"{arguments.hub!r} is no address of a JupyterHub: write it like https://hub.example.org", file=sys.stderr
        )
        return 1
    book = notebooks.Book(Path())
    if not book.repository:
        raise PageError(
            "the book's repository on GitHub is not known: write it into _config.yml (repository: url), "
            "or set GITHUB_REPOSITORY=owner/name"
        )
    for page, title in book.titles.items():
        tail = pull(book.repository, notebooks.file_name(page))
        print(f"- [{title}]({arguments.hub.rstrip('/')}/hub/user-redirect/{tail})")
    return 0


def _is_built(site: Path) -> bool:
    if not (site / "index.html").is_file():
        command = "book build" if site == SITE else "book build --student"
        print(f"There is no {site / 'index.html'} yet: run `{command}` first.", file=sys.stderr)
        return False
    return True


def check(arguments: argparse.Namespace) -> int:
    """Run the checks of submitted notebooks; 1 if an exercise has not passed."""
    from press.handout import marking as submissions

    notebooks = submissions.found(arguments.notebook)
    os.environ["BOOK_DATA"] = sources.resolve().setting  # decided once for all
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    done = []
    for number, path in enumerate(notebooks, 1):
        print(f"[{number}/{len(notebooks)}] {path} ...", file=sys.stderr, flush=True)
        done.append(submissions.mark(path, arguments.seconds, arguments.memory))
    print(submissions.table(done))
    if arguments.csv:
        submissions.write_csv(done, arguments.csv)
    return 0 if all(each.verdicts and each.passed == len(each.verdicts) for each in done) else 1


def record(arguments: argparse.Namespace) -> int:
    """Record the pages over seeds on the full data or the sample, or a sweep on the full data."""
    on_sample_too = arguments.name == "claims"
    names = _page_names(arguments.page, Contents.read(Path())) or sorted(
        {one.page for one in claims.definitions().values()}
    )
    if arguments.stale:
        from press.record.listing import stale

        if not on_sample_too:
            print("--stale lists pages: book record claims --stale", file=sys.stderr)
            return 1
        print(stale(names, arguments.seeds))
        return 0
    needed = [] if on_sample_too else ["jax", "joblib", *(["distributed"] if arguments.cluster else [])]
    if missing := [name for name in needed if not importlib.util.find_spec(name)]:
        command = "pip install --no-deps --require-hashes -r requirements-dev.lock"
        print(f"A sweep needs {' and '.join(missing)}: run `make tools`, or `{command}`", file=sys.stderr)
        return 1
    source = sources.resolve()
    if source.name != "full" and not (on_sample_too and source.name == "sample"):
        what = "Pages are recorded on the full data or the sample" if on_sample_too else "A sweep takes the full data"
        print(f"{what}. Now: {source.description}", file=sys.stderr)
        return 1
    os.environ["BOOK_DATA"] = source.setting
    if on_sample_too:
        from press.record.pages import record_pages

        return 1 if record_pages(names, source, arguments.seeds) else 0
    from press.record.sweeps import record_sweep

    sweep = SWEEPS[arguments.name]
    record_sweep(sweep, arguments.seeds or sweep.seeds, arguments.workers, arguments.cluster, arguments.backend)
    return 0


def _page_names(names: list[str], contents: Contents) -> list[str]:
    """The pages as the table of contents names them.

    Args:
        names: What was typed: ``cnn`` is short for ``chapters/cnn``, and the name of a file will do.
        contents: The table of contents.

    Raises:
        PageError: It holds no such page, or the page's file cannot be read.
    """
    full = []
    for name in names:
        plain = posixpath.normpath(name.replace("\\", "/")).removesuffix(".md")
        page = plain if "/" in plain or Path(f"{plain}.md").is_file() else f"chapters/{plain}"
        if page not in contents.pages:
            known = ", ".join(contents.pages)
            raise PageError(f"no page {page}.md in {FILE}: add it there, or name one that is: {known}")
        Page.read(page, Path())
        full.append(page)
    return full


def _is_port(number: int) -> bool:
    if 0 <= number <= 65535:
        return True
    print(f"{number} is no port: name one from 1024 to 65535", file=sys.stderr)
    return False


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is too few: at least 1")
    return number


def _build(commands: Commands) -> None:
    command = commands.add_parser("build", help="execute the pages that changed and write the site")
    command.add_argument(
        "--data",
        choices=["auto", "full", "sample"],
        default="auto",
        help="full: Keras's data, downloaded once, or the folder BOOK_DATA; sample: the packaged sample; "
        "auto: full where it can be had",
    )
    command.add_argument(
        "--page", nargs="+", default=[], metavar="NAME", help="build only these pages, for example cnn"
    )
    command.add_argument(
        "--student", action="store_true", help=f"leave every solution out, and write to {STUDENT / SITE}"
    )
    command.add_argument(
        "--colab-run", default="", metavar="TEXT", help="say on every page how the notebooks last ran in Colab"
    )
    command.set_defaults(run=build)


def _notebooks(commands: Commands) -> None:
    command = commands.add_parser("notebooks", help="write every page as Jupyter notebooks")
    command.add_argument("folder", type=Path, metavar="OUT", help="where to write them")
    command.set_defaults(run=write_notebooks)


def _serve(commands: Commands) -> None:
    command = commands.add_parser("serve", help="serve the built site on this machine")
    command.add_argument("--port", type=int, default=8000)
    command.set_defaults(run=serve)


def _preview(commands: Commands) -> None:
    command = commands.add_parser("preview", help="serve the site while it is written, and show each change at once")
    command.add_argument("--port", type=int, default=8000)
    command.set_defaults(run=preview)


def _pack(commands: Commands) -> None:
    command = commands.add_parser(
        "pack", help="write site, notebooks and data as one archive, for a room with no network"
    )
    command.add_argument("archive", type=Path, metavar="OUT.zip", help="the archive to write")
    command.add_argument("--student", action="store_true", help="the site without the solutions")
    command.set_defaults(run=pack)


def _links(commands: Commands) -> None:
    command = commands.add_parser("links", help="print links that open the notebooks on a JupyterHub with nbgitpuller")
    command.add_argument("hub", metavar="HUB", help="the hub's address, for example https://hub.example.org")
    command.set_defaults(run=links)


def _data(commands: Commands) -> None:
    command = commands.add_parser("data", help="say which data is in use, or export it")
    command.add_argument("action", nargs="?", choices=["show", "export"], default="show")
    command.add_argument("folder", nargs="?", help="where `export` writes")
    command.add_argument("--rows", type=int, help="export only this many training rows of each dataset")
    command.set_defaults(run=data)


def _check(commands: Commands) -> None:
    command = commands.add_parser("check", help="run the checks of notebooks, for example a folder of submissions")
    command.add_argument("notebook", nargs="+", type=Path, metavar="NOTEBOOK", help="notebooks, or folders of them")
    command.add_argument("--csv", type=Path, metavar="FILE", help="also write one row for each notebook and exercise")
    command.add_argument("--seconds", type=float, default=1200, help="how long a notebook may run (default: 1200)")
    command.add_argument("--memory", type=float, default=6, metavar="GB", help="how much it may take (default: 6)")
    command.set_defaults(run=check)


def _record(commands: Commands) -> None:
    command = commands.add_parser("record", help="record what pages claim, or the runs of an explorer, over seeds")
    command.add_argument(
        "name", metavar="NAME", choices=["claims", *SWEEPS], help=f"claims, or a sweep: {', '.join(SWEEPS)}"
    )
    command.add_argument("--page", nargs="+", default=[], metavar="NAME", help="claims: record only these pages")
    command.add_argument(
        "--seeds",
        type=_at_least_one,
        metavar="N",
        help="under this many seeds (default: as many as a page has, 10 for a new one, 5 for a sweep)",
    )
    command.add_argument(
        "--stale", action="store_true", help="claims: record nothing, list what is stale and what recording it takes"
    )
    command.add_argument(
        "--workers",
        type=_at_least_one,
        default=os.cpu_count(),
        metavar="N",
        help="sweep: processes (default: one a core)",
    )
    command.add_argument(
        "--cluster", default="", metavar="ADDRESS", help="sweep: use the workers of this Dask scheduler instead"
    )
    command.add_argument(
        "--backend", choices=["jax", "keras"], default="jax", help="sweep: jax, or the much slower plain loop over fit"
    )
    command.set_defaults(run=record)


def main() -> None:
    """Run the command line, and turn an error of ours into one line and exit status 1."""
    parser = argparse.ArgumentParser(prog="book", description=__doc__)
    parser.add_argument("--version", action="version", version=version("deep-learning-by-running-it"))
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for add in (_build, _preview, _notebooks, _serve, _pack, _links, _data, _check, _record):
        add(commands)
    arguments = parser.parse_args()
    if getattr(arguments, "action", None) == "export" and not arguments.folder:
        parser.error("data export needs a folder")
    try:
        code = arguments.run(arguments)
        if sys.stdout:  # it may be closed
            sys.stdout.flush()  # a disk that is full then is an error like any other
        sys.exit(code)
    except KeyboardInterrupt:
        print("book: stopped", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:  # whoever read the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        sys.exit(f"book: {_said(error)}")
    except (sources.DataError, PageError) as error:
        sys.exit(f"book: {error}")
    except Exception:
        # Whatever a damaged file of the book led to, the file is what is wrong.
        if found := faults_of_files(Path()):
            sys.exit("\n".join(f"book: {fault}" for fault in found))
        raise


def _said(error: OSError) -> str:
    """An error of the operating system in words: which file, what, and what to do."""
    if not error.strerror:  # one of ours, in words already
        return str(error)
    advice = {
        errno.ENOSPC: "free some space",
        errno.EACCES: "make it readable and writable, or name another place",
        errno.EROFS: "name a place that can be written",
        errno.ENOTDIR: "a file is in the place of a folder, move it or name another place",
        errno.EEXIST: "a file is in the place of a folder, move it or name another place",
        errno.EADDRINUSE: "name another port, --port 8001",
    }
    parts = [str(error.filename) if error.filename else "", error.strerror, advice.get(error.errno or 0, "")]
    return ": ".join(filter(None, parts))


if __name__ == "__main__":
    main()
