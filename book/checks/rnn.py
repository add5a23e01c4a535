"""The checkers of the exercises."""
