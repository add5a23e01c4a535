"""Checks of the exercises: ``check("text-classification/3", model, history)`` says what holds and what does not."""

# Importing a chapter's module registers its checkers.
from book.checks import cnn, essentials, headaches, rnn, text_classification
from book.checks.core import Result, check, results

__all__ = ["Result", "check", "cnn", "essentials", "headaches", "results", "rnn", "text_classification"]
