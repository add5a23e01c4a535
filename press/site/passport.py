"""The passport of a page at its foot, and that of the whole site where ``{build-passport}`` stands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docutils import nodes
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.application import Sphinx

from book.passport import BACKENDS
from press.machine import duration
from press.page import Page
from press.site import execution, tables

TITLES = {
    "python": "Python",
    "numpy": "NumPy",
    "keras": "Keras",
    "tensorflow": "TensorFlow",
    "jax": "JAX",
    "torch": "PyTorch",
}


def of(env: Any, docname: str) -> dict[str, str]:
    """What the passport of a page says, by heading; empty for one that is not executed."""
    passports = execution.told(env, docname, "passport")
    if not passports:
        return {}
    found = passports[-1]
    page = Page.read(docname, Path(env.srcdir))
    versions = found["versions"]
    backend = next((TITLES[name] for name in BACKENDS if name in versions), "")
    files = ", ".join(f"{name} (SHA-256 {digest[:16]}…)" for name, digest in found["files"].items())
    run = NbMetadataCollector.get_exec_data(env, docname)
    said = {
        "Device": found["device"],
        "Backend": backend,
        "Versions": ", ".join(f"{title} {versions[name]}" for name, title in TITLES.items() if name in versions),
        "Data": f"{found['data']}: {files}" if files else "",
        "Seed": ", ".join(map(str, page.seeds)),
        "Run time": duration(run["runtime"]) if run and run["runtime"] is not None else "",
        "Date": found["date"],
        "Commit": found["commit"],
    }
    return {heading: text for heading, text in said.items() if text}


def add_passport(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put a page's passport at its foot."""
    said, title = of(app.env, docname), doctree.next_node(nodes.title)
    if not said or title is None:
        return
    terms = [
        nodes.definition_list_item("", nodes.term("", heading), nodes.definition("", nodes.paragraph("", text)))
        for heading, text in said.items()
    ]
    lead = nodes.paragraph("", "How the outputs on this page were made")
    title.parent.append(nodes.container("", lead, nodes.definition_list("", *terms), classes=["passport"]))


def of_the_site(app: Sphinx) -> list[nodes.Node]:
    """What the passports of all pages say: one row for each thing said, and the pages that say it."""
    said = {page: found for page in sorted(app.env.found_docs) if (found := of(app.env, page))}
    rows = []
    for heading in ("Device", "Versions", "Data", "Seed", "Date", "Commit"):
        values: dict[str, list[str]] = {}
        for page, one in said.items():
            values.setdefault(one.get(heading, "none"), []).append(page)
        for value, having in values.items():
            rows.append((heading, value, "all" if len(having) == len(said) else ", ".join(having)))
    return [tables.table(("What", "Value", "Pages"), rows, "passports")] if rows else []


def setup(app: Sphinx) -> None:
    """Connect to Sphinx's events."""
    tables.add_directive(app, "build-passport", of_the_site)
    app.connect("doctree-resolved", add_passport)
