"""When a case is right, and how networks do on all cases."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from family_trees.engine.cases import Cases
from family_trees.engine.learning import error
from family_trees.engine.network import Architecture, Weights, forward
from family_trees.engine.recipe import ErrorSignal


def right(y: NDArray[np.floating], d: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Which cases are right: the right units above 0.5, every other unit below 0.5 (Hinton, CogSci 1986).

    Args:
        y: activities of the output units, (..., cases, people).
        d: desired activities, (cases, people).

    Returns:
        (..., cases).
    """
    each = np.where(d > 0.5, y > 0.5, y < 0.5)
    return np.asarray(each.all(axis=-1))


STRICT_MARGIN = 0.2
"""Of the strict criterion: on above 0.8, off below 0.2 (Nature, fig. 4)."""


def criteria(y: NDArray[np.floating], d: NDArray[np.floating]) -> dict[str, NDArray[np.bool_]]:
    """Which cases are right by three criteria, each (networks, cases).

    "right": units on the right side of 0.5 (CogSci 1986); "margins": on above 0.8, off below 0.2; "best": the most
    active unit is one of the right answers.

    Args:
        y: activities of the output units, (networks, cases, units).
        d: desired activities, (cases, units).
    """
    on = d > 0.5
    best = np.take_along_axis(np.broadcast_to(on, y.shape), np.argmax(y, axis=-1)[..., None], axis=-1)[..., 0]
    return {
        "right": right(y, d),
        "margins": np.all(np.where(on, y > 1 - STRICT_MARGIN, y < STRICT_MARGIN), axis=-1),
        "best": best & np.all(np.isfinite(y), axis=-1),
    }


def evaluate(
    architecture: Architecture, weights: Weights, cases: Cases, signal: ErrorSignal = "squared"
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """E of equation 3 over the training cases, (networks,), and which of all cases are right, (networks, cases)."""
    errors, is_right = [], []
    for part in cases.parts():
        y = forward(architecture, weights, part.inputs)[architecture.output.name]
        errors.append(np.asarray(error(y, part, signal), dtype=np.float64))
        is_right.append(right(y, part.desired))
    return np.sum(errors, axis=0), np.concat(is_right, axis=-1)
