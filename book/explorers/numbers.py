"""How numbers are written. The modules write them in the same way (numbers.js), and a test holds them equal."""

from __future__ import annotations

import numpy as np


def loss_text(loss: float) -> str:
    """A loss, in as many digits as it needs."""
    return f"{loss:.3f}" if loss < 9.9995 else f"{loss:.1f}" if loss < 99.95 else f"{loss:,.0f}"


def percent(share: float) -> str:
    """A share of one, in percent."""
    return f"{100 * share:.1f} %"


def plain(number: float) -> str:
    """A small number without an exponent: ``0.00001``."""
    return np.format_float_positional(number, trim="-")
