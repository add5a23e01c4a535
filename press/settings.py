"""What the book says of itself in ``_config.yml``: its settings, its repository, and where its site is published."""

from __future__ import annotations

import os
import re
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml


class Settings:
    """The settings of the book.

    Args:
        root: The folder of ``_config.yml``.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    @cached_property
    def configuration(self) -> dict[str, Any]:
        """What ``_config.yml`` holds."""
        found: dict[str, Any] = yaml.safe_load((self.root / "_config.yml").read_text(encoding="utf-8"))
        return found

    @cached_property
    def repository(self) -> str:
        """The book's repository on GitHub, as ``owner/name``; empty if it is not known, or elsewhere.

        ``repository: url`` of ``_config.yml`` says which it is, or else the environment variable ``GITHUB_REPOSITORY``,
        which GitHub sets where it runs a workflow.
        """
        address = (self.configuration.get("repository") or {}).get("url") or ""
        if not address and (name := os.environ.get("GITHUB_REPOSITORY", "")):
            address = f"{os.environ.get('GITHUB_SERVER_URL', 'https://github.com')}/{name}"
        found = re.fullmatch(r"https://github\.com/([\w.-]+/[\w.-]+?)(\.git)?/?", address)
        return found[1] if found else ""

    @cached_property
    def address(self) -> str:
        """Where the site is published, with a slash at the end; empty if that is not known.

        ``html: baseurl`` of ``_config.yml`` says where, or else it is where GitHub Pages puts the repository's site.
        """
        address = (self.configuration.get("html") or {}).get("baseurl") or ""
        if not address and self.repository:
            owner, name = self.repository.lower().split("/")
            host = f"{owner}.github.io"
            address = f"https://{host}/{'' if name == host else self.repository.split('/')[1]}"
        return address and address.rstrip("/") + "/"
