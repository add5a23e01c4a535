"""Serving the site to browsers on this machine, and telling them what has changed.

Each page is sent with a script (``client.js``) that the files on disk do not hold. It listens to server-sent events:
https://html.spec.whatwg.org/multipage/server-sent-events.html.
"""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import uuid4

#: The addresses below which no page of the book is.
EVENTS, SCRIPT = "/_preview/events", "/_preview/client.js"
CLIENT = Path(__file__).with_name("client.js")
#: How often something is sent to a browser that has nothing to hear, in seconds: so it is noticed that it has gone.
HEARTBEAT = 15.0
MISSING = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{0}</title>
<main style="font: 1rem sans-serif; max-width: 40em; margin: 10vh auto"><h1>{0}</h1>
<p>It is shown here as soon as there is one. <a href="/">The first page</a></p></main></html>"""


class News:
    """What the browsers are told, for every thread: which pages are new, what is being executed, what is wrong."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._session = uuid4().hex[:8]
        self._number = 0
        self._all = 0
        self._written: dict[str, int] = {}
        self._facts: dict[str, Any] = {"building": True, "running": {}, "faults": []}

    def tell(self, *, written: Iterable[str] | None = (), **facts: Any) -> None:
        """Tell all browsers something.

        Args:
            written: The pages that are new, for example ``chapters/cnn``; None for all.
            **facts: What has changed of ``building``, ``running`` and ``faults``.
        """
        with self._changed:
            self._number += 1
            if written is None:
                self._all = self._number
            else:
                self._written |= dict.fromkeys(written, self._number)
            self._facts |= facts
            self._changed.notify_all()

    @property
    def running(self) -> Any:
        """What was last told of what is being executed."""
        return self._facts["running"]

    def version(self, page: str) -> str:
        """What changes when a page has been written anew."""
        return f"{self._session}-{self._all}-{self._written.get(page, 0)}"

    def after(self, number: int, page: str) -> tuple[int, dict[str, Any]]:
        """Wait for news after a number, or for a heartbeat; return the news' own number, and what to tell a page."""
        with self._changed:
            self._changed.wait_for(lambda: self._number > number, HEARTBEAT)
            return self._number, {**self._facts, "version": self.version(page)}


class Handler(http.server.SimpleHTTPRequestHandler):
    """Answers one request."""

    server: Server

    def do_GET(self) -> None:
        """Send a file, a page with the script, or the news."""
        self._answer()

    def do_HEAD(self) -> None:
        """Say what ``GET`` would send."""
        self._answer()

    def _answer(self) -> None:
        # A page elsewhere whose name leads here, by a trick with DNS, must not read what is here.
        if self.headers.get("Host", "") not in self.server.hosts:
            self._send(403, "text/plain; charset=utf-8", f"Open {self.server.address} instead.".encode())
            return
        address = urlsplit(self.path)
        if address.path == EVENTS:
            self._send_news(parse_qs(address.query).get("page", [""])[0])
        elif address.path == SCRIPT:
            self._send(200, "text/javascript; charset=utf-8", CLIENT.read_bytes())
        else:
            self._send_file(unquote(address.path))

    def _send_file(self, path: str) -> None:
        site = self.server.site.resolve()
        try:
            file = (site / path.lstrip("/")).resolve()
            if not file.is_relative_to(site):
                raise FileNotFoundError
            if file.is_dir():
                if not path.endswith("/"):
                    self._redirect(f"/{file.relative_to(site).as_posix()}/")
                    return
                file /= "index.html"
            version = self.server.news.version(_page(file, site))  # before the file is read, which may be new then
            body = file.read_bytes()
        except (OSError, ValueError):
            file = site / path.strip("/\0")
            what = "The site is being built" if not (site / "index.html").is_file() else "There is no such page"
            name = _page(file if path.rstrip("/") == path else file / "index.html", site)
            page = _with_script(MISSING.format(what).encode(), name, self.server.news.version(name))
            self._send(404, "text/html; charset=utf-8", page)
            return
        if file.suffix == ".html":
            self._send(200, "text/html; charset=utf-8", _with_script(body, _page(file, site), version))
        else:
            self._send(200, self.guess_type(str(file)), body)

    def _redirect(self, address: str) -> None:
        self.send_response(301)
        self.send_header("Location", address)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _send_news(self, page: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        number = -1
        try:
            while self.command != "HEAD":
                number, facts = self.server.news.after(number, page)
                self.wfile.write(f"data: {json.dumps(facts)}\n\n".encode())
                self.wfile.flush()
        except OSError:
            return  # the browser has gone

    def end_headers(self) -> None:
        """Have the browser ask each time: files change under the same name."""
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, format: str, *arguments: Any) -> None:
        """Leave the terminal to the author's pages."""


class Server(http.server.ThreadingHTTPServer):
    """The server, for this machine only.

    Args:
        site: The folder of the site.
        port: The port; 0 for any that is free.
        news: What the browsers are told.

    Raises:
        OSError: The port is in use; the message says what to do.
    """

    daemon_threads = True

    def __init__(self, site: Path, port: int, news: News) -> None:
        self.site, self.news = site, news
        try:
            super().__init__(("127.0.0.1", port), Handler)
        except OSError as problem:
            raise OSError(f"port {port} cannot be used ({problem.strerror}): name another one with --port") from None
        number = self.server_address[1]
        self.address = f"http://127.0.0.1:{number}/"
        self.hosts = {f"{name}:{number}" for name in ("127.0.0.1", "localhost")}

    def start(self) -> None:
        """Answer requests from now on, beside what this process does."""
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a browser that went away before it had its answer."""


def _page(file: Path, site: Path) -> str:
    """The page that a file of the site shows, for example ``chapters/cnn``."""
    return file.relative_to(site).as_posix().removesuffix(".html") if file.is_relative_to(site) else ""


def _with_script(body: bytes, page: str, version: str) -> bytes:
    """A page with the script at its end."""
    script = f'<script defer src="{SCRIPT}" data-page="{escape(page)}" data-version="{version}"></script>'.encode()
    before, end, after = body.rpartition(b"</body>")
    return before + script + end + after if end else body + script
