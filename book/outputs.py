"""The channel through which a cell tells the build something."""

#: Where the metadata of a notebook's output hold what a check said.
VERDICT = "book_check"
