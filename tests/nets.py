"""Every architecture in use, and some that the type allows: the tests run over them all."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from family_trees.engine.cases import Cases
from family_trees.engine.network import BIAS, Architecture, Layer, Weights
from family_trees.engine.recipe import HiddenKind
from family_trees.engine.units import UnitKind
from family_trees.families.of_1986 import family_trees_task
from family_trees.models.layered import FAMILY_TREE_NETWORK
from family_trees.models.randomness import initial_weights

WORKED_EXAMPLE = Architecture((Layer("x", 2), Layer("h", 2, ("x",)), Layer("y", 2, ("h",))))
XOR = Architecture((Layer("x", 2), Layer("h", 2, ("x", BIAS)), Layer("y", 1, ("h", BIAS))))
SYMMETRY = Architecture((Layer("x", 6), Layer("h", 2, ("x", BIAS)), Layer("y", 1, ("h", BIAS))))
SKIPPING = Architecture(
    (
        Layer("a", 3),
        Layer("b", 2),
        Layer("low", 4, ("a", BIAS)),
        Layer("unseen", 2, ("b",)),
        Layer("high", 3, ("low", "b", "a")),
        Layer("y", 2, ("high", "a", "low", BIAS)),
    )
)
UNROLLED = Architecture(
    (
        Layer("start", 3),
        Layer("x1", 2),
        Layer("x2", 2),
        Layer("x3", 2),
        Layer("step 1", 3, ("x1", "start", BIAS)),
        Layer("step 2", 3, ("x2", "step 1", BIAS), copies="step 1"),
        Layer("step 3", 3, ("x3", "step 2", BIAS), copies="step 1"),
        Layer("y", 1, ("step 3", BIAS)),
    )
)
"""An iterative net run for three steps (Nature, fig. 5)."""


def of(kind: HiddenKind, output: UnitKind = "logistic") -> Architecture:
    """The skipping net with hidden layers of other units."""
    *lower, top = SKIPPING.layers
    hidden = [replace(layer, kind=kind) if layer.sees else layer for layer in lower]
    return Architecture((*hidden, replace(top, kind=output)))


KINDS = {kind: of(kind) for kind in get_args(HiddenKind)}
"""Nets of every kind of hidden units."""

NETS = {
    "family tree": FAMILY_TREE_NETWORK,
    "worked example": WORKED_EXAMPLE,
    "XOR": XOR,
    "symmetry": SYMMETRY,
    "skipping": SKIPPING,
    "unrolled": UNROLLED,
    **KINDS,
}


def random_cases(net: Architecture, networks: int, seed: int, count: int = 7) -> Cases:
    """Random inputs, desired activities of 0 and 1, and about a quarter of the cases held out."""
    rng = np.random.default_rng(seed)
    if net is FAMILY_TREE_NETWORK:
        task = family_trees_task()
        return Cases(task.inputs(), task.desired(), (rng.random((networks, 104)) < 0.75).astype(float))
    inputs = {layer.name: rng.uniform(-1, 1, (count, layer.units)) for layer in net.inputs}
    desired = rng.integers(0, 2, (count, net.output.units)).astype(float)
    counted = (rng.random((networks, count)) < 0.75).astype(float)
    counted[:, 0] = 1
    return Cases(inputs, desired, counted)


def random_weights(net: Architecture, networks: int, seed: int, reach: float = 1.5) -> Weights:
    return initial_weights(net, reach, seed, range(networks))


def column(*values: float) -> NDArray[np.float64]:
    """Values as (1, len(values))."""
    return np.array([values], dtype=float)
