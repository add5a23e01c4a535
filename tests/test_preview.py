"""The preview: what is saved shows in the browser, while cells are executed, and nothing that is wrong ends it."""

from __future__ import annotations

import http.client
import json
import os
import queue
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import copy, copytree

import psutil
import pytest
from playwright.sync_api import Browser, Page, expect

from conftest import ROOT, book
from press.contents import EXECUTING
from press.preview import preview
from press.preview.book import Book
from press.preview.server import News, Server
from press.preview.watching import Watcher
from test_building import DESCRIBED, write

PATIENCE = 90.0
#: A cell that ends when the test says so.
WAITING = (
    'import pathlib, time\nwhile not pathlib.Path("NAME.txt").exists():\n    time.sleep(0.05)\nprint("it has", "ended")'
)


def wait_for(what: Callable[[], object], said: Callable[[], str] = str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < deadline, said()
        time.sleep(0.1)


def small_book(folder: Path) -> Path:
    """A book of two pages of code, not built yet."""
    for name in ("_config.yml", "references.bib", "requirements.lock", "pyproject.toml", "README.md", "LICENSE"):
        copy(ROOT / name, folder)
    copytree(ROOT / "assets", folder / "assets")
    contents(folder, "a", "b")
    (folder / "index.md").write_text(DESCRIBED + "# A small book\n\nProse.\n")
    (folder / "chapters").mkdir()
    write(folder, "a", "x = 1", prose="Prose. " * 2000)
    write(folder, "b", "pass")
    return folder


def contents(folder: Path, *names: str) -> None:
    listed = "".join(f"  - file: chapters/{name}\n" for name in names)
    parts = f"- caption: Chapters\n  numbered: true\n  chapters:\n{listed}"
    (folder / "_toc.yml").write_text(f"format: jb-book\nroot: index\nparts:\n{parts}")


@dataclass
class Running:
    """A preview in a process of its own."""

    folder: Path
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    @property
    def address(self) -> str:
        found = re.search(r"http://127\.0\.0\.1:\d+/", self.said)
        return found[0] if found else ""

    def get(self, page: str) -> str:
        connection = http.client.HTTPConnection(self.address.removeprefix("http://").rstrip("/"))
        connection.request("GET", f"/{page}.html")
        return connection.getresponse().read().decode()

    def faults(self) -> list[str]:
        """What is wrong, as a browser is told."""
        connection = http.client.HTTPConnection(self.address.removeprefix("http://").rstrip("/"))
        connection.request("GET", "/_preview/events")
        told = json.loads(connection.getresponse().readline().partition(b": ")[2])
        found: list[str] = told["faults"]
        return found

    def wait_for(self, what: Callable[[], object]) -> None:
        wait_for(what, lambda: f"{self.faults()}\n{self.said[-3000:]}")
        assert self.process.poll() is None, self.said


def started(folder: Path) -> Running:
    log = folder.parent / f"{folder.name}.log"
    command = [sys.executable, "-m", "press.cli", "preview", "--port", "0"]
    with log.open("wb") as file:
        process = subprocess.Popen(
            command, cwd=folder, env={**os.environ, "BOOK_DATA": "sample"}, stdout=file, stderr=subprocess.STDOUT
        )
    running = Running(folder, process, log)
    wait_for(lambda: running.address or process.poll() is not None, lambda: running.said)
    return running


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A preview whose pages have been executed."""
    running = started(small_book(tmp_path_factory.mktemp("previewed")))
    try:
        running.wait_for(lambda: running.said.count(": done in") == 2 and EXECUTING not in running.get("chapters/b"))
        yield running
    finally:
        running.process.kill()
        running.process.wait()


@pytest.fixture
def shown(running: Running, chromium: Browser) -> Iterator[Page]:
    """The first chapter in a browser."""
    write(running.folder, "a", "x = 1", prose="Prose. " * 2000)
    page = chromium.new_page()
    page.set_default_timeout(PATIENCE * 1000)
    expect.set_options(timeout=PATIENCE * 1000)
    page.goto(f"{running.address}chapters/a.html")
    expect(page.locator("main")).to_contain_text("the answer is 42")
    yield page
    page.close()


@pytest.mark.slow
def test_a_change_of_prose_shows_without_a_click(running: Running, shown: Page) -> None:
    shown.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    before = shown.evaluate("window.scrollY")
    assert before > 1000
    write(running.folder, "a", "x = 1", prose="Prose. " * 2000 + "Other words.")
    expect(shown.locator("main")).to_contain_text("Other words.")
    shown.wait_for_load_state("load")
    assert abs(shown.evaluate("window.scrollY") - before) < 200, "the reader stays where he was"
    assert running.said.count("chapters/a: done") == 1, "nothing is executed"
    assert "1. Page a" in shown.locator("#pst-primary-sidebar").inner_text(), "it is still the first chapter"
    assert "_preview" not in (running.folder / "_build/preview/_build/html/chapters/a.html").read_text()
    assert not (running.folder / "_build/html").exists()


@pytest.mark.slow
def test_a_changed_cell_says_that_it_is_executed_and_then_shows_its_output(running: Running, shown: Page) -> None:
    cell = WAITING.replace("NAME", "changed")
    write(running.folder, "a", "print('a first', 'part')\n```\n\n```{code-cell} ipython3\n" + cell)
    expect(shown.locator("main")).to_contain_text(EXECUTING)
    expect(shown.locator("#book-preview #status")).to_contain_text("This page is being executed: cell 3 of 4")
    assert "the answer is 42" in shown.locator("main").inner_text(), "what stands above the change stays"
    expect(shown.locator("main")).to_contain_text("a first part")
    assert EXECUTING in shown.locator("main").inner_text()
    (running.folder / "chapters/changed.txt").touch()
    expect(shown.locator("main")).to_contain_text("it has ended")
    assert EXECUTING not in shown.locator("main").inner_text()
    expect(shown.locator("#book-preview #status")).to_be_hidden()


@pytest.mark.slow
def test_an_error_is_shown_until_it_is_mended(running: Running, shown: Page) -> None:
    write(running.folder, "a", "values = [1, 2]\nvalues[5]")
    box = shown.locator("#book-preview #faults")
    expect(box).to_contain_text("chapters/a.md:")
    expect(shown.locator("main")).to_contain_text("IndexError")
    assert box.get_attribute("role") == "alert"
    [fault] = [line for line in box.inner_text().splitlines() if "chapters/a.md:" in line]
    assert fault.strip() in running.said, "in the terminal too"
    box.get_by_role("button").click()
    expect(box).to_be_hidden()
    write(running.folder, "a", "values = [1, 2]\nvalues[1]", prose="A {nosuch}`role`.")
    expect(box).to_contain_text("nosuch")
    write(running.folder, "a", "values = [1, 2]\nvalues[1]")
    expect(box).to_be_hidden()
    expect(shown.locator("main")).not_to_contain_text("IndexError")


@pytest.mark.slow
def test_a_page_comes_and_goes(running: Running) -> None:
    contents(running.folder, "a", "b", "c")
    running.wait_for(lambda: any("there is no page chapters/c.md" in fault for fault in running.faults()))
    assert "There is no such page" in running.get("chapters/c") and "client.js" in running.get("chapters/c")
    write(running.folder, "c", "pass")
    running.wait_for(lambda: "Page c" in running.get("chapters/c") and not running.faults())
    (running.folder / "chapters/c.md").unlink()
    running.wait_for(lambda: any("there is no page chapters/c.md" in fault for fault in running.faults()))
    contents(running.folder, "a", "b")
    running.wait_for(lambda: not running.faults())


def kernels(running: Running) -> list[psutil.Process]:
    return [each for each in psutil.Process(running.process.pid).children() if each.status() != psutil.STATUS_ZOMBIE]


@pytest.mark.slow
def test_code_that_does_not_end_ends_when_it_is_changed(running: Running) -> None:
    running.wait_for(lambda: not kernels(running))
    write(running.folder, "b", "while True:\n    pass")
    running.wait_for(lambda: kernels(running))
    write(running.folder, "b", "print('mended')")
    running.wait_for(lambda: "mended\n" in running.get("chapters/b") and not kernels(running))
    write(running.folder, "b", "import os; os._exit(3)")
    running.wait_for(lambda: any("DeadKernelError" in fault for fault in running.faults()))
    write(running.folder, "b", "print('mended')")
    running.wait_for(lambda: "mended\n" in running.get("chapters/b") and not running.faults())


@pytest.mark.slow
def test_what_cannot_be_read_is_a_fault_until_it_is_mended(running: Running) -> None:
    page, settings = running.folder / "chapters/b.md", running.folder / "_config.yml"
    good, text = page.read_bytes(), settings.read_text()
    page.write_bytes(good + b"\xff")
    running.wait_for(lambda: any("chapters/b.md:" in fault and "UTF-8" in fault for fault in running.faults()))
    page.write_bytes(good)
    running.wait_for(lambda: not running.faults())
    settings.write_text(text.replace("title: ", "title: ["))
    running.wait_for(lambda: any("_config.yml:" in fault for fault in running.faults()))
    settings.write_text(text.replace("title: ", "title: Another "))
    running.wait_for(lambda: "Another Deep" in running.get("index") and not running.faults())


@pytest.mark.slow
def test_other_versions_begin_the_preview_again_at_the_same_address(running: Running) -> None:
    executed = running.said.count("chapters/a: starting")
    with (running.folder / "requirements.lock").open("a") as lock:
        lock.write("# another version\n")
    running.wait_for(lambda: running.said.count(f"The book as it is now: {running.address}") == 2)
    running.wait_for(lambda: running.said.count("chapters/a: starting") > executed)
    running.wait_for(lambda: EXECUTING not in running.get("chapters/a") and EXECUTING not in running.get("chapters/b"))


@pytest.mark.slow
def test_ctrl_c_ends_a_preview_and_its_kernels(running: Running) -> None:
    write(running.folder, "b", "while True:\n    pass")
    running.wait_for(lambda: kernels(running))
    [kernel] = kernels(running)
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(timeout=20) == 0 and "Traceback" not in running.said, running.said
    kernel.wait(timeout=20)


# The server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    site = tmp_path / "site"
    (site / "chapters").mkdir(parents=True)
    (tmp_path / "secret.html").write_text("SECRET")
    (site / "index.html").write_text("<body><p>First.</p></body>")
    (site / "chapters/cnn.html").write_text("<p>A page.</p>")
    (site / "style.css").write_text("p { color: red }")
    (site / "out.html").symlink_to(tmp_path / "secret.html")
    server = Server(site, 0, News())
    server.start()
    yield server
    server.shutdown()
    server.server_close()


def asked(server: Server, path: str, host: str = "", method: str = "GET") -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=20)
    connection.putrequest(method, path, skip_host=True)
    connection.putheader("Host", host or f"127.0.0.1:{server.server_address[1]}")
    connection.endheaders()
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/", "index"),
        ("/index.html", "index"),
        ("/chapters/cnn.html", "chapters/cnn"),
        ("/chapters/cnn.html?x#y", "chapters/cnn"),
    ],
)
def test_a_page_is_sent_with_the_script(path: str, page: str, server: Server) -> None:
    status, text = asked(server, path)
    assert status == 200 and text.count("/_preview/client.js") == 1 and f'data-page="{page}"' in text


def test_what_is_no_page_is_sent_as_it_is(server: Server) -> None:
    assert asked(server, "/style.css") == (200, "p { color: red }")
    assert asked(server, "/", method="HEAD") == (200, "")
    assert asked(server, "/_preview/client.js")[1].startswith("// What `book preview` adds")
    assert asked(server, "/", method="POST")[0] == 501


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.html",
        "/%2e%2e/secret.html",
        "/chapters/../../secret.html",
        "/out.html",
        "/a%00b.html",
        "/chapters/",
        "//etc/passwd",
        "/" + "x" * 5000,
    ],
)
def test_nothing_but_the_site_is_served(path: str, server: Server) -> None:
    status, text = asked(server, path)
    assert status == 404 and "SECRET" not in text and "There is no such page" in text


@pytest.mark.parametrize(
    ("host", "status"),
    [("127.0.0.1:{}", 200), ("localhost:{}", 200), ("evil.example:{}", 403), ("127.0.0.1", 403), ("localhost:1", 403)],
)
def test_only_this_machine_by_its_own_name_is_answered(host: str, status: int, server: Server) -> None:
    assert server.server_address[0] == "127.0.0.1"
    found, text = asked(server, "/", host.format(server.server_address[1]))
    assert found == status and ("First." in text) is (status == 200)


def test_what_is_no_port_is_one_line(tmp_path: Path) -> None:
    result = book("preview", "--port", "65536", cwd=tmp_path, data="sample")
    assert (result.returncode, result.stdout) == (1, "65536 is no port: name one from 1024 to 65535\n")


def test_a_port_in_use_says_what_to_do(server: Server) -> None:
    with pytest.raises(OSError, match=r"port \d+ cannot be used \(.*\): name another one with --port"):
        Server(server.site, server.server_address[1], News())


def test_the_news_are_of_the_page_that_asks() -> None:
    news = News()
    first = news.version("chapters/cnn")
    number, told = news.after(-1, "chapters/cnn")
    assert told == {"building": True, "running": {}, "faults": [], "version": first}
    news.tell(written=["chapters/rnn"], building=False)
    number, told = news.after(number, "chapters/cnn")
    assert told["version"] == first and told["building"] is False
    news.tell(written=["chapters/cnn"], faults=["chapters/cnn.md:3: no"])
    number, told = news.after(number, "chapters/cnn")
    assert told["version"] != first and told["faults"] == ["chapters/cnn.md:3: no"]
    news.tell(written=None)
    assert news.after(number, "chapters/cnn")[1]["version"] not in (first, told["version"])
    assert News().version("chapters/cnn") != first, "another preview has written every page"


# What is watched


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[tuple[Path, queue.SimpleQueue[set[Path]]]]:
    (tmp_path / "book/chapters").mkdir(parents=True)
    (tmp_path / "book/_build").mkdir()
    (tmp_path / "code").mkdir()
    saved: queue.SimpleQueue[set[Path]] = queue.SimpleQueue()
    Watcher(tmp_path / "book", [tmp_path / "code"], saved).start()
    deadline = time.monotonic() + 20
    while saved.empty() and time.monotonic() < deadline:  # until it watches
        (tmp_path / "book/start.md").write_text(str(time.monotonic()))
        (tmp_path / "book/chapters/start.md").write_text(str(time.monotonic()))
        time.sleep(0.2)
    time.sleep(1)
    while not saved.empty():
        saved.get()
    yield tmp_path, saved


def told(saved: queue.SimpleQueue[set[Path]], path: Path) -> bool:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with suppress(queue.Empty):
            if path in saved.get(timeout=1):
                return True
    return False


def test_each_way_to_save_a_source_is_seen(watched: tuple[Path, queue.SimpleQueue[set[Path]]]) -> None:
    folder, saved = watched
    page = folder / "book/chapters/a.md"
    page.write_text("one")
    assert told(saved, page)
    (folder / "book/chapters/.a.md.swp").write_text("two")
    (folder / "book/chapters/a.md~").write_text("two")
    (folder / "book/chapters/4913.md").write_text("two")
    (folder / "book/chapters/4913.md").rename(page)
    assert told(saved, page)
    page.unlink()
    assert told(saved, page)
    (folder / "book/_toc.yml").write_text("root: index")
    assert told(saved, folder / "book/_toc.yml")
    (folder / "code/new.py").write_text("x = 1")
    assert told(saved, folder / "code/new.py")
    (folder / "book/parts").mkdir()
    (folder / "book/parts/b.md").write_text("one")
    assert told(saved, folder / "book/parts/b.md"), "in a folder that was made meanwhile"


def test_what_is_no_source_is_not_seen(watched: tuple[Path, queue.SimpleQueue[set[Path]]]) -> None:
    folder, saved = watched
    for name in ("_build/a.md", "chapters/history.csv", "chapters/a.md.swp", "chapters/__pycache__/a.py"):
        (folder / "book" / name).parent.mkdir(exist_ok=True)
        (folder / "book" / name).write_text("x")
    (folder / "book/last.md").write_text("x")
    seen = saved.get(timeout=20)
    assert seen == {folder / "book/last.md"}


def test_many_saves_in_a_moment_are_one(watched: tuple[Path, queue.SimpleQueue[set[Path]]]) -> None:
    folder, saved = watched
    for number in range(20):
        (folder / "book/chapters/a.md").write_text(str(number))
        time.sleep(0.01)
    assert told(saved, folder / "book/chapters/a.md")
    time.sleep(1)
    assert saved.qsize() <= 2


# What is wrong with the code


@pytest.mark.parametrize(
    ("code", "said"),
    [
        pytest.param("x = 1\n", "", marks=pytest.mark.slow),
        ("x = 1\ndef f(:\n", r"wrong\.py:2: invalid syntax"),
        ("print 'x'", r"wrong\.py:1: Missing parent"),
    ],
)
def test_code_that_cannot_run_does_not_end_the_preview(
    code: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wrong.py").write_text(code)
    found = preview._fault_in({tmp_path / "wrong.py"})
    assert re.match(said, found) if said else found == ""


def test_a_slip_in_the_books_own_files_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(small_book(tmp_path))
    (tmp_path / "_config.yml").write_text("html: [\n")
    book = Book()
    assert [fault.partition(": ")[0] for fault in book.update().faults] == ["_config.yml:2"] and book.running() == []
    book.close()


def test_a_first_preview_begins_with_what_was_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Book().seed()
    assert not (tmp_path / "_build").exists()
    for name in ("html/index.html", ".doctrees/environment.pickle"):
        (tmp_path / "_build" / name).parent.mkdir(parents=True)
        (tmp_path / "_build" / name).write_text("built")
    Book().seed()
    page = tmp_path / "_build/preview/_build/html/index.html"
    assert page.read_text() == "built" and (page.parent.parent / ".doctrees/environment.pickle").is_file()
    page.write_text("previewed")
    Book().seed()
    assert page.read_text() == "previewed", "an older preview stays"
