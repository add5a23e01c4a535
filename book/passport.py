"""How a page is executed: on which device, with which versions, on which data, when, and from which commit.

The hidden last cell of a page (:mod:`press.site.execution`) tells the build this. It is kept with the page's other
outputs, and so describes their execution, however often the page is built from the cache afterwards.
"""

from __future__ import annotations

import datetime
import os
import platform
import re
import subprocess
import sys
from collections.abc import Collection
from importlib.metadata import version
from pathlib import Path
from typing import Any

from book.datasets import sources
from book.datasets.dataset import chosen

BACKENDS = ("tensorflow", "jax", "torch")


def passport(*, data: Collection[str]) -> dict[str, Any]:
    """What this process has executed a page with.

    Args:
        data: The datasets that the page uses.

    Returns:
        ``device``; ``versions`` of Python, NumPy, Keras and its backend by name, as far as they are loaded; ``data``
        in words, and ``files``: the SHA-256 of each of its files by name, both empty for a page that loads none;
        ``date`` (UTC); ``commit``: empty outside a Git repository.
    """
    keras: Any = sys.modules.get("keras")
    backend = keras.backend.backend() if keras else ""
    loaded = [name for name in ("numpy", "keras", backend) if name in sys.modules]
    source = sources.in_use() if data else None
    keras_files = source is not None and source.kind == "keras" and any(each.has_originals for each in chosen(data))
    return {
        "device": device(backend),
        "versions": {"python": platform.python_version(), **{name: version(name) for name in loaded}},
        "data": (source.what(data) + (", Keras's own files" if keras_files else "")) if source else "",
        "files": {file.path.name: file.sha256 for file in source.files_of(data)} if source else {},
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "commit": commit(),
    }


def device(backend: str) -> str:
    """The graphics processors that Keras's backend sees, or this machine's processor.

    Args:
        backend: ``tensorflow``, ``jax``, ``torch``; anything else is taken for none.
    """
    found: list[str] = []
    if backend == "tensorflow":
        import tensorflow

        config = tensorflow.config
        for each in config.list_physical_devices("GPU"):
            found.append(config.experimental.get_device_details(each).get("device_name", "GPU"))
    elif backend == "jax":
        import jax

        found = [each.device_kind for each in jax.devices() if each.platform != "cpu"]
    elif backend == "torch":
        import torch

        found = [torch.cuda.get_device_name(each) for each in range(torch.cuda.device_count())]
    return ", ".join(found) if found else f"{processor()} ({os.cpu_count()} cores)"


def processor() -> str:
    """The model of this machine's processor, as far as the system tells."""
    table = Path("/proc/cpuinfo")
    if table.is_file() and (named := re.search(r"^model name\s*: (.+)$", table.read_text(encoding="utf-8"), re.M)):
        return named[1].strip()
    if sys.platform == "darwin":
        return _output("sysctl", "-n", "machdep.cpu.brand_string") or platform.machine()
    return platform.processor() or platform.machine()


def commit() -> str:
    """The commit of the current folder's repository, in short, and whether files differ from it."""
    name = _output("git", "rev-parse", "--short=10", "HEAD")
    changed = name and _output("git", "status", "--porcelain", "--untracked-files=no")
    return f"{name}, with changes" if changed else name


def _output(*command: str) -> str:
    """What a command prints; nothing where it is missing or fails."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
