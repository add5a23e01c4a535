"""Widgets that show recorded training runs: on a page without a kernel, and in a notebook as ordinary ipywidgets."""

from book.explorers.diagnose import DiagnoseExplorer
from book.explorers.overfitting import CapacityExplorer, OverfittingExplorer
from book.explorers.rates import RateExplorer

__all__ = ["CapacityExplorer", "DiagnoseExplorer", "OverfittingExplorer", "RateExplorer"]
