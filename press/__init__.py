"""What makes the book from its pages: the command `book`, the site, the notebooks, the recordings, the marks."""
