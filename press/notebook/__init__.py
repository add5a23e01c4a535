"""A page as a Jupyter notebook: plain Markdown written from the tokens of its MyST, and the cells around it."""
