"""Checks of the exercises: ``check("text-classification/3", model, history)`` says what holds and what does not."""

from book.checks.core import Result, check, results

__all__ = ["Result", "check", "results"]
