"""Widgets that show recorded training runs: on a page without a kernel, and in a notebook as ordinary ipywidgets."""

from book.explorers.overfitting import OverfittingExplorer

__all__ = ["OverfittingExplorer"]
