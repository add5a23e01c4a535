"""What the book says of itself in ``_config.yml``: its settings, its repository, and where its site is published."""

from __future__ import annotations

import os
import re
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from press.faults import Fault, not_yaml
from press.page import PageError

FILE = "_config.yml"


class Settings:
    """The settings of the book.

    Args:
        root: The folder of ``_config.yml``.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    @cached_property
    def configuration(self) -> dict[str, Any]:
        """What ``_config.yml`` holds.

        Raises:
            FileNotFoundError: There is none.
            PageError: It holds no names and values.
        """
        path = self.root / FILE
        if not path.is_file():
            raise FileNotFoundError(f"there is no {FILE} in {self.root.resolve()}: run this in the folder of the book")
        try:
            found = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (yaml.YAMLError, ValueError) as problem:  # ValueError: a date that is none, or a file that is not UTF-8
            raise PageError(not_yaml(FILE, problem)) from None
        if not isinstance(found, dict):
            raise PageError(Fault(FILE, 1, "it holds no names and values: write `title: ...` there"))
        return found

    @property
    def faults(self) -> list[Fault]:
        """What is wrong with what the book itself reads, and with the forms that Jupyter Book takes.

        Raises:
            PageError: The file cannot be read, or holds something else than the book reads.
        """
        _ = self.address
        found = []
        lines = (self.root / FILE).read_text(encoding="utf-8").splitlines()
        sphinx = self.configuration.get("sphinx") or {}
        parts = {"sphinx": sphinx, "config": sphinx.get("config") or {} if isinstance(sphinx, dict) else {}}
        parts |= {name: self.configuration.get(name) or {} for name in ("execute", "parse", "html", "repository")}
        for name, part in parts.items():
            if not isinstance(part, dict):
                line = next((number for number, line in enumerate(lines, 1) if line.strip().startswith(f"{name}:")), 0)
                found.append(Fault(FILE, line, f"{name} holds no names and values: write `name: value` below it"))
        return found

    def _value(self, part: str, name: str) -> str:
        """A text below a heading of ``_config.yml``; empty if it is left out.

        Raises:
            PageError: Something else is there.
        """
        below = self.configuration.get(part) or {}
        found = (below.get(name) or "") if isinstance(below, dict) else None
        if not isinstance(found, str):
            lines = (self.root / FILE).read_text(encoding="utf-8").splitlines()
            line = next((number for number, line in enumerate(lines, 1) if line.startswith(part)), 0)
            what = f"{part}: write `{name}: ...` on a line of its own below it, or leave it out"
            raise PageError(Fault(FILE, line, what))
        return found

    @cached_property
    def repository(self) -> str:
        """The book's repository on GitHub, as ``owner/name``; empty if it is not known, or elsewhere.

        ``repository: url`` of ``_config.yml`` says which it is, or else the environment variable ``GITHUB_REPOSITORY``,
        which GitHub sets where it runs a workflow.
        """
        address = self._value("repository", "url")
        if not address and (name := os.environ.get("GITHUB_REPOSITORY", "")):
            address = f"{os.environ.get('GITHUB_SERVER_URL', 'https://github.com')}/{name}"
        found = re.fullmatch(r"https://github\.com/([\w.-]+/[\w.-]+?)(\.git)?/?", address)
        return found[1] if found else ""

    @cached_property
    def address(self) -> str:
        """Where the site is published, with a slash at the end; empty if that is not known.

        ``html: baseurl`` of ``_config.yml`` says where, or else it is where GitHub Pages puts the repository's site.
        """
        address = self._value("html", "baseurl")
        if not address and self.repository:
            owner, name = self.repository.lower().split("/")
            host = f"{owner}.github.io"
            address = f"https://{host}/{'' if name == host else self.repository.split('/')[1]}"
        return address and address.rstrip("/") + "/"
