"""How networks came to what they are: the learning curve, and the weights on the way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CURVE_KINDS = {"sweep": "int64", "error": "float64", "training_right": "int64", "held_out_right": "int64"}
"""The arrays of a learning curve in a model file."""


@dataclass(frozen=True)
class Curve:
    """What was measured on the way: first before any sweep, then every few sweeps, last after the last one."""

    sweep: NDArray[np.int64]
    """(checkpoints,)"""
    error: NDArray[np.float64]
    """E of equation 3 over the training cases, whatever margins and error signal the recipe has: (networks,
    checkpoints)."""
    training_right: NDArray[np.int64]
    """Training cases right, (networks, checkpoints)."""
    held_out_right: NDArray[np.int64]
    """Held-out cases right, (networks, checkpoints)."""
