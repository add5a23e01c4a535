"""What makes the book from its pages: the command `book`, the site, the notebooks, the recordings, the marks."""

import sys

# jsonschema, which Jupyter Book and nbformat import, takes this for its checks of addresses if it is there. It makes 38
# parsers when it is imported, which takes longer than all else that a build imports, and nothing here asks for one.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
