"""The one channel through which a cell tells the build something: a claim, a verdict, a passport.

What is told is a *kind* and its data, in the metadata of one of the cell's outputs. Notebooks keep it there and show
nothing of it. This module is the only one that knows how it is written. It needs neither Sphinx nor myst_nb.
"""

from __future__ import annotations

import sys
from typing import Any

#: Where the metadata of an output hold what is told.
KEY = "book"
#: Begins a media type that no notebook displays, and that myst-nb takes for something to show in a sentence.
HIDDEN = "application/papermill.record/"


def note(kind: str, data: Any) -> dict[str, Any]:
    """The metadata of an output that is shown, and tells the build something besides.

    Args:
        kind: What is told, for example ``verdict``.
        data: Its contents, as JSON can hold them; a notebook sorts the keys of what it keeps.
    """
    return {KEY: {"kind": kind, "data": data}}


def tell(kind: str, data: Any, *, name: str = "", text: str = "") -> None:
    """Tell the build something with an output that nothing shows; outside a notebook nothing happens.

    Args:
        kind: What is told, for example ``claim``.
        data: Its contents, as JSON can hold them; a notebook sorts the keys of what it keeps.
        name: What sentences call it, in ``{glue:text}`name` ``; unique on its page, and by default the kind.
        text: What such a sentence shows.
    """
    if "ipykernel" not in sys.modules:
        return
    from IPython.display import display

    metadata = {"scrapbook": {"name": name or kind, "mime_prefix": HIDDEN}, **note(kind, data)}
    display({f"{HIDDEN}text/plain": text}, raw=True, metadata=metadata)


def all_told(notebook: Any) -> list[tuple[str, Any]]:
    """What the cells of an executed notebook told: kinds with their data, in order.

    Outputs that tell nothing, or have something else in place of it, are passed over.
    """
    found: list[tuple[str, Any]] = []
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            said = output.get("metadata", {}).get(KEY)
            if isinstance(said, dict) and isinstance(said.get("kind"), str) and "data" in said:
                found.append((said["kind"], said["data"]))
    return found


def told(notebook: Any, kind: str) -> list[Any]:
    """What the cells of an executed notebook told of one kind, in order."""
    return [data for each, data in all_told(notebook) if each == kind]
