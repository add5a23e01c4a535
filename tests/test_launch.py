"""Running a page elsewhere: its links, its passport, the branch of notebooks, the pack, and a hub's links."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from shutil import copy, copytree
from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup

from book.passport import passport
from conftest import ROOT, book
from press.contents import LEFT_OUT, NOT_YET
from press.handout import packing, publishing
from press.notebook import writing as notebooks
from press.notebook.wheel import wheel_name
from press.page import PageError
from press.settings import Settings
from test_building import DESCRIBED, HEAD

PAGE = """
# A first page

Prose.

```{code-cell} ipython3
CODE
```
"""
REPOSITORY = "someone/a-book"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book of one chapter with a page of exercises, in a Git repository."""
    folder = tmp_path_factory.mktemp("book")
    for name in ("_config.yml", "references.bib", "requirements.lock", "pyproject.toml", "README.md", "LICENSE"):
        copy(ROOT / name, folder)
    copytree(ROOT / "assets", folder / "assets")
    toc = (
        "format: jb-book\nroot: index\nparts:\n- caption: Chapters\n  numbered: true\n  chapters:\n"
        "  - file: chapters/first\n    sections:\n    - file: exercises/first\n"
        "- caption: About\n  chapters:\n  - file: about\n"
    )
    (folder / "_toc.yml").write_text(toc)
    (folder / "index.md").write_text(DESCRIBED + "# A small book\n\nProse.\n")
    (folder / "about.md").write_text(DESCRIBED + "# About\n\n```{build-passport}\n```\n")
    for name, code in {
        "chapters/first": "import keras\nfrom book.datasets import imdb\nkeras.utils.set_random_seed(7)",
        "exercises/first": "pass",
    }.items():
        (folder / name).parent.mkdir()
        (folder / f"{name}.md").write_text(HEAD + PAGE.replace("CODE", code))
    git("init", "--quiet", cwd=folder)
    commit(folder)
    return folder


def git(*arguments: str, cwd: Path) -> str:
    identity = {f"GIT_{who}_{what}": "a@b.example" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    done = subprocess.run(
        ["git", *arguments], cwd=cwd, env={**os.environ, **identity}, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def commit(folder: Path) -> str:
    git("add", "--all", cwd=folder)
    git("commit", "--quiet", "--allow-empty", "--message", "A state", cwd=folder)
    return git("rev-parse", "--short=10", "HEAD", cwd=folder)


def soup(project: Path, name: str) -> BeautifulSoup:
    text = (project / f"_build/html/{name}.html").read_text(encoding="utf-8")
    return BeautifulSoup(text, "html.parser")


@pytest.fixture(scope="module")
def site(project: Path, small_data: Path) -> Path:
    """The book, built where its repository is known."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GITHUB_REPOSITORY", REPOSITORY)
        patch.setenv("CUDA_VISIBLE_DEVICES", "-1")  # the device of every page is then the same
        patch.delenv("GITHUB_SERVER_URL", raising=False)
        result = book("build", cwd=project, data=small_data)
    assert result.returncode == 0, result.stdout
    assert "neither Colab nor Binder" not in result.stdout
    return project


def fields(page: BeautifulSoup) -> dict[str, str]:
    return {
        str(term.get_text()): str(term.find_next_sibling("dd").get_text(strip=True))  # type: ignore[union-attr]
        for term in page.select(".passport dt")
    }


def opened(page: BeautifulSoup) -> set[str]:
    """What a page's links to Colab and Binder open on the branch of notebooks; each of them must be well formed."""
    links = {str(link.get_text()): str(link["href"]) for link in page.select(".launch a:not([download])")}
    assert links.keys() == {"Colab", "Binder"}
    head, _, colab = links["Colab"].rpartition("/")
    assert head == f"https://colab.research.google.com/github/{REPOSITORY}/blob/notebooks"
    binder = urlsplit(links["Binder"])
    assert (binder.netloc, binder.path) == ("mybinder.org", f"/v2/gh/{REPOSITORY}/main")
    pull = urlsplit(parse_qs(binder.query)["urlpath"][0])
    assert pull.path == "git-pull"
    options = {key: value[0] for key, value in parse_qs(pull.query).items()}
    place, _, shown = options.pop("urlpath").rpartition("/")
    assert place == "lab/tree/a-book-notebooks"
    assert options == {
        "repo": f"https://github.com/{REPOSITORY}",
        "branch": "notebooks",
        "targetpath": "a-book-notebooks",
    }
    return {colab, shown}


def test_every_launch_link_leads_to_a_notebook_that_is_there(site: Path) -> None:
    for name in ("chapters/first", "exercises/first"):
        expected = notebooks.file_name(name)
        assert (site / "_build/html/notebooks" / expected).is_file()
        assert opened(soup(site, name)) == {expected}
        downloads = {str(link["href"]).rpartition("/")[2] for link in soup(site, name).select(".launch a[download]")}
        assert wheel_name() not in downloads, "the notebook takes it from the site"


def test_a_notebook_takes_the_package_from_the_published_site(site: Path) -> None:
    text = (site / "_build/html/notebooks/first.ipynb").read_text(encoding="utf-8")
    wheel = re.search(r"else \\\"(\S+)\\\"", text)
    assert wheel
    folder, _, name = wheel[1].rpartition("/")
    assert folder == "https://someone.github.io/a-book/notebooks"
    assert (site / "_build/html/notebooks" / name).is_file()


@pytest.mark.parametrize(
    ("address", "variable", "server", "expected"),
    [
        ("https://github.com/me/my.book", "", "", "me/my.book"),
        ("https://github.com/me/book.git", "you/other", "", "me/book"),
        ("https://github.com/me/book/", "", "", "me/book"),
        ("", "you/other", "", "you/other"),
        ("", "you/other", "https://git.example.org", ""),
        ("https://gitlab.com/me/book", "", "", ""),
        ("", "", "", ""),
    ],
)  # fmt: skip
def test_whose_repository_it_is(
    address: str, variable: str, server: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "_config.yml").write_text(f"repository:\n  url: {address}\n" if address else "title: A book\n")
    monkeypatch.setenv("GITHUB_REPOSITORY", variable)
    monkeypatch.setenv("GITHUB_SERVER_URL", server or "https://github.com")
    one = Settings(tmp_path)
    assert one.repository == expected
    assert one.address == (f"https://{expected.split('/')[0]}.github.io/{expected.split('/')[1]}/" if expected else "")


def test_the_site_of_an_account_has_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "_config.yml").write_text("title: A book\n")
    monkeypatch.delenv("GITHUB_SERVER_URL", raising=False)
    monkeypatch.setenv("GITHUB_REPOSITORY", "Me/Me.github.io")
    assert Settings(tmp_path).address == "https://me.github.io/"


def test_a_passport_describes_the_execution(site: Path, small_data: Path) -> None:
    said = fields(soup(site, "chapters/first"))
    here = passport(data=())
    assert said["Device"] == here["device"]
    assert said["Backend"] == "TensorFlow"
    assert re.fullmatch(r"Python \S+, NumPy \S+, Keras \S+, TensorFlow \S+", said["Versions"])
    digest = hashlib.sha256((small_data / "imdb.npz").read_bytes()).hexdigest()
    assert said["Data"].startswith("a part of the data: ") and f"imdb.npz (SHA-256 {digest[:16]}" in said["Data"]
    assert str(small_data) not in said["Data"]
    assert said["Seed"] == "7"
    assert re.fullmatch(r"(\d+ min )?\d+ s", said["Run time"])
    assert said["Date"] == here["date"]
    assert said["Commit"] == git("rev-parse", "--short=10", "HEAD", cwd=site)


def test_a_page_without_data_or_keras_says_no_more_than_it_is(site: Path) -> None:
    assert fields(soup(site, "exercises/first")).keys() == {"Device", "Versions", "Run time", "Date", "Commit"}
    assert not soup(site, "index").select(".passport")


def test_the_whole_site_says_what_its_pages_say(site: Path) -> None:
    rows = [[cell.get_text(strip=True) for cell in row.select("td")] for row in soup(site, "about").select("tbody tr")]
    assert ["Device", passport(data=())["device"], "all"] in rows
    assert ["Data", "none", "exercises/first"] in rows
    assert ["Seed", "7", "chapters/first"] in rows


def test_a_rebuild_keeps_the_passport_and_an_unknown_repository_the_downloads(site: Path, small_data: Path) -> None:
    before = fields(soup(site, "chapters/first"))
    page = site / "chapters/first.md"
    page.write_text(page.read_text().replace("Prose.", "Other prose."))
    assert commit(site) != before["Commit"]
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("GITHUB_REPOSITORY", raising=False)
        result = book("build", cwd=site, data=small_data)
    assert result.returncode == 0, result.stdout
    assert "Other prose" in soup(site, "chapters/first").get_text()
    assert fields(soup(site, "chapters/first")) == before
    assert result.stdout.count("neither Colab nor Binder") == 1
    for name in ("chapters/first", "exercises/first"):
        links = [str(link["href"]) for link in soup(site, name).select(".launch a")]
        assert links and not any("://" in link for link in links)


# The branch of notebooks


@pytest.fixture
def remote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "A")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "a@b.example")
    folder = tmp_path / "remote.git"
    git("init", "--quiet", "--bare", str(folder), cwd=tmp_path)
    return folder


def tree(remote: Path) -> dict[str, str]:
    names = git("ls-tree", "-r", "--name-only", "notebooks", cwd=remote).splitlines()
    return {name: git("show", f"notebooks:{name}", cwd=remote) for name in names}


def test_the_branch_is_created_and_updated_and_left_alone(remote: Path, tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    (files / "a.ipynb").write_text("one")
    (files / "b.ipynb").write_text("two")
    first = publishing.publish(files, str(remote), "First")
    assert first == git("rev-parse", "notebooks", cwd=remote)
    assert tree(remote) == {"a.ipynb": "one", "b.ipynb": "two"}

    assert publishing.publish(files, str(remote), "Again") == ""
    assert git("rev-list", "--count", "notebooks", cwd=remote) == "1"

    (files / "a.ipynb").write_text("other")
    (files / "b.ipynb").unlink()
    second = publishing.publish(files, str(remote), "Second")
    assert tree(remote) == {"a.ipynb": "other"}
    assert git("rev-parse", "notebooks^", cwd=remote) == first
    assert git("log", "-1", "--format=%s", second, cwd=remote) == "Second"

    (files / "a.ipynb").write_text("third")
    (files / "c.ipynb").write_text("new")
    publishing.publish(files, str(remote), "New ones", only_new=True)
    assert tree(remote) == {"a.ipynb": "other", "c.ipynb": "new"}
    assert publishing.publish(files, str(remote), "New ones again", only_new=True) == ""
    (files / "c.ipynb").unlink()
    publishing.publish(files, str(remote), "Without it")
    assert tree(remote) == {"a.ipynb": "third"}


@pytest.mark.parametrize(
    "name",
    [
        "a-solutions.ipynb",
        "a-solutions-Copy1.ipynb",
        ".ipynb_checkpoints/a-solutions-checkpoint.ipynb",
        ".ipynb_checkpoints/a-checkpoint.ipynb",
        ".hidden.ipynb",
        "room.zip",
        "marks.csv",
        "folder/b.ipynb",
    ],
)
def test_what_else_lies_beside_the_notebooks_is_not_pushed(name: str, tmp_path: Path) -> None:
    offered = {"a.ipynb", "a-exercises.ipynb", "exercises.zip", "book-0.2.0-py3-none-any.whl"}
    for each in (*offered, name):
        (tmp_path / each).parent.mkdir(exist_ok=True)
        (tmp_path / each).touch()
    assert {path.name for path in publishing.offered(tmp_path)} == offered


def test_nothing_is_forced(remote: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody pushes between the clone and the push: theirs stays."""
    files = tmp_path / "files"
    files.mkdir()
    (files / "a.ipynb").write_text("one")
    publishing.publish(files, str(remote), "First")
    run = publishing._git

    def slow(*arguments: str, cwd: str | None = None) -> str:
        if arguments[0] == "push":
            monkeypatch.setattr(publishing, "_git", run)
            (tmp_path / "theirs").mkdir()
            (tmp_path / "theirs/b.ipynb").write_text("theirs")
            publishing.publish(tmp_path / "theirs", str(remote), "Theirs")
        return run(*arguments, cwd=cwd)

    monkeypatch.setattr(publishing, "_git", slow)
    (files / "a.ipynb").write_text("two")
    with pytest.raises(publishing.PublishError, match="push failed"):
        publishing.publish(files, str(remote), "Ours")
    assert tree(remote) == {"b.ipynb": "theirs"}


def test_a_remote_may_be_a_folder_named_from_here(
    remote: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files/a.ipynb").write_text("one")
    monkeypatch.chdir(tmp_path)
    publishing.publish(Path("files"), remote.name, "First")
    assert tree(remote) == {"a.ipynb": "one"}


def test_a_folder_without_notebooks_leaves_the_branch_as_it_is(remote: Path, tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    (files / "a.ipynb").write_text("one")
    publishing.publish(files, str(remote), "First")
    (files / "a.ipynb").unlink()
    with pytest.raises(publishing.PublishError, match="no notebook"):
        publishing.publish(files, str(remote), "Nothing")
    assert tree(remote) == {"a.ipynb": "one"}


RUN = """
import runpy, sys
sys.path.insert(0, sys.argv.pop(1))
runpy.run_module("press.handout.publishing", run_name="__main__")
"""


def run_publishing(site: Path, remote: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """As the workflow runs it: without the packages of any environment."""
    arguments = [*options, str(site / "_build/html/notebooks"), str(remote)]
    command = [sys.executable, "-I", "-S", "-c", RUN, str(ROOT), *arguments]
    return subprocess.run(command, cwd=site, capture_output=True, text=True, check=False)


def test_a_remote_that_is_not_there_is_said_in_words(site: Path, tmp_path: Path) -> None:
    result = run_publishing(site, tmp_path / "nowhere")
    assert result.returncode == 1
    assert result.stderr.startswith("git ls-remote failed")
    assert "Traceback" not in result.stderr


def test_the_command_pushes_what_the_site_offers(site: Path, remote: Path) -> None:
    result = run_publishing(site, remote)
    assert result.returncode == 0, result.stderr
    assert "Not pushed: first-solutions.ipynb\n" in result.stdout
    here = {path.name for path in (site / "_build/html/notebooks").iterdir()}
    here.remove("first-solutions.ipynb")  # a class that pulls the branch gets no solutions
    assert set(git("ls-tree", "-r", "--name-only", "notebooks", cwd=remote).splitlines()) == here
    assert git("rev-parse", "--short=10", "HEAD", cwd=site) in git("log", "-1", "--format=%s", "notebooks", cwd=remote)
    for options in ([], ["--new"]):
        again = run_publishing(site, remote, *options)
        assert again.returncode == 0 and "nothing pushed" in again.stdout


# A room with no network, and a hub


def test_a_pack_holds_everything_with_its_checksums(site: Path, small_data: Path, tmp_path: Path) -> None:
    result = book("pack", str(tmp_path / "room.zip"), cwd=site, data=small_data)
    assert result.returncode == 0, result.stdout
    with zipfile.ZipFile(tmp_path / "room.zip") as archive:
        archive.extractall(tmp_path)
    room = tmp_path / "room"
    listed = (room / "SHA256SUMS").read_bytes()
    assert b"\r" not in listed, "the commands of Linux and a Mac would take it for a part of the names"
    lines = [line.split("  ", 1) for line in listed.decode().splitlines()]
    sums = {name: digest for digest, name in lines}
    there = {path.relative_to(room).as_posix() for path in room.rglob("*") if path.is_file()}
    assert set(sums) == there - {"SHA256SUMS"}
    assert all(hashlib.sha256((room / name).read_bytes()).hexdigest() == digest for name, digest in sums.items())
    assert {
        "START.html",
        "requirements.lock",
        "site/index.html",
        "site/notebooks/first.ipynb",
        "data/imdb.npz",
    } <= there
    start = BeautifulSoup((room / "START.html").read_text(encoding="utf-8"), "html.parser")
    links = [str(link["href"]) for link in start.select("a")]
    assert links and all((room / link).is_file() for link in links)
    data = book("data", cwd=room, data=room / "data")
    assert data.returncode == 0 and "300" in data.stdout


def test_a_site_of_which_pages_were_left_out_is_not_packed(site: Path, tmp_path: Path) -> None:
    """The page is as `book build --page` leaves it: test_building sees that it does."""
    here, parts = notebooks.Book(site), tmp_path / "parts"
    copytree(site / "_build/html", parts)
    (parts / "exercises/first.html").write_text(f"<h1>A first page</h1>\n<p>{LEFT_OUT}</p>", encoding="utf-8")
    with pytest.raises(PageError, match="left out exercises/first: run `book build` without --page first"):
        packing.write_pack(parts, here, tmp_path / "room.zip")
    (parts / "exercises/first.html").write_text(f"<h1>A first page</h1>\n<p>{NOT_YET}</p>", encoding="utf-8")
    with pytest.raises(PageError, match="ended before it had executed exercises/first: run `book build`"):
        packing.write_pack(parts, here, tmp_path / "room.zip")
    (parts / "exercises/first.html").unlink()
    with pytest.raises(PageError, match=r"has no exercises/first\.html.*book build"):
        packing.write_pack(parts, here, tmp_path / "room.zip")
    assert not (tmp_path / "room.zip").exists()


def test_a_pack_that_cannot_be_written_says_so_and_leaves_nothing(
    site: Path, small_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "room.tmp").write_text("somebody's")
    (tmp_path / "folder").mkdir()
    for archive, says in (("folder", "name the zip file"), ("nowhere/room.zip", "no folder")):
        result = book("pack", str(tmp_path / archive), cwd=site, data=small_data)
        assert result.returncode == 1 and says in result.stdout and "Traceback" not in result.stdout
    here = notebooks.Book(site)
    monkeypatch.setenv("BOOK_DATA", str(small_data))

    def full(*_: object, **__: object) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as broken:
        broken.setattr(zipfile.ZipFile, "write", full)
        with pytest.raises(OSError, match="no space"):
            packing.write_pack(site / "_build/html", here, tmp_path / "room.zip")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "room.tmp"]

    (tmp_path / "old-site/notebooks").mkdir(parents=True)
    with pytest.raises(PageError, match=r"no notebooks/first\.ipynb.*book build"):
        packing.write_pack(tmp_path / "old-site", here, tmp_path / "room.zip")
    assert not (tmp_path / "room.zip").exists()


@pytest.mark.parametrize("hub", ["hub.example.org", "", "https://"])
def test_what_is_no_address_of_a_hub_makes_no_links(hub: str, site: Path, small_data: Path) -> None:
    result = book("links", hub, cwd=site, data=small_data)
    assert result.returncode == 1 and "https://hub.example.org" in result.stdout and "](" not in result.stdout


def test_links_for_a_hub(site: Path, small_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    unknown = book("links", "https://hub.example.org", cwd=site, data=small_data)
    assert unknown.returncode == 1 and "GITHUB_REPOSITORY" in unknown.stdout
    monkeypatch.setenv("GITHUB_REPOSITORY", REPOSITORY)
    result = book("links", "https://hub.example.org/", cwd=site, data=small_data)
    lines = result.stdout.splitlines()
    assert len(lines) == 2
    for line, name in zip(lines, ("first.ipynb", "first-exercises.ipynb"), strict=True):
        found = re.fullmatch(r"- \[A first page\]\((.+)\)", line)
        assert found
        parts = urlsplit(found[1])
        assert (parts.netloc, parts.path) == ("hub.example.org", "/hub/user-redirect/git-pull")
        assert parse_qs(parts.query)["urlpath"] == [f"lab/tree/a-book-notebooks/{name}"]


def test_nothing_is_packed_before_it_is_built(tmp_path: Path, small_data: Path) -> None:
    result = book("pack", "room.zip", cwd=tmp_path, data=small_data)
    assert result.returncode == 1 and "book build" in result.stdout
