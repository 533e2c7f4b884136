"""How networks came to what they are: the learning curve, and the weights on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from family_trees.engine.arrays import Precision
from family_trees.engine.network import Architecture, Weights
from family_trees.engine.recipe import Recipe
from family_trees.support.content import same_content
from family_trees.support.wording import count

if TYPE_CHECKING:
    from family_trees.engine.descent import State

CURVE_KINDS = {"sweep": "int64", "squared_error": "float64", "training_right": "int64", "held_out_right": "int64"}
"""The arrays of a learning curve in a model file."""


@dataclass(frozen=True, eq=False, repr=False)
class Trajectory:
    """The course of learning of one network: what it was at some moments, from before the first sweep to the end."""

    sweeps: NDArray[np.int64]
    """How many sweeps were done at each moment, (moments,)."""
    weights: Weights
    """Per connection, (moments, units below, units above)."""
    changes: Weights
    """The change of each weight in the sweep before, delta w(t-1) of equation 9: as `weights`."""

    def __repr__(self) -> str:
        return f"Trajectory({self.sweeps.size} moments, from sweep {self.sweeps[0]} to {self.sweeps[-1]:,})"

    def __eq__(self, other: object) -> bool:
        return same_content(self, other)

    __hash__ = None  # type: ignore[assignment]

    @property
    def states(self) -> tuple[State, ...]:
        """The network at every moment; its arrays have a network axis of length 1."""
        return tuple(self._state(k) for k in range(self.sweeps.size))

    def before(self, sweep: int) -> State:
        """The network at the last moment that is not after `sweep`."""
        return self._state(int(np.searchsorted(self.sweeps, sweep, side="right")) - 1)

    def _state(self, k: int) -> State:
        from family_trees.engine.descent import State  # a model that is only asked does not wait for it

        weights, change = ({c: w[k : k + 1] for c, w in each.items()} for each in (self.weights, self.changes))
        return State(int(self.sweeps[k]), weights, change)


def trajectory_of(moments: Sequence[State], one: slice) -> Trajectory:
    """The course of learning of one of the networks whose states these are."""
    weights, changes = (
        {connection: np.concat([each[connection][one] for each in several]) for connection in several[0]}
        for several in ([state.weights for state in moments], [state.change for state in moments])
    )
    return Trajectory(np.array([state.sweep for state in moments]), weights, changes)


MAX_TRAJECTORY_MOMENTS = 40
"""Moments of a course of learning, at most."""


TRAJECTORY_TARGET_BYTES = 1_725_000
"""Bytes of a course of learning: the number of its moments follows from this. It has at least two, though."""


MAX_TRAJECTORY_BYTES = 30_000_000
"""Bytes that its two moments may take. Networks for which they would take more keep no course of learning."""


@dataclass(frozen=True, eq=False, repr=False)
class Curve:
    """What was measured on the way: first before any sweep, then every few sweeps, last after the last one."""

    sweep: NDArray[np.int64]
    """(checkpoints,)"""
    squared_error: NDArray[np.float64]
    """E of equation 3 over the training cases, whatever margins and error signal the recipe has: (networks,
    checkpoints)."""
    training_right: NDArray[np.int64]
    """Training cases right, (networks, checkpoints)."""
    held_out_right: NDArray[np.int64]
    """Held-out cases right, (networks, checkpoints)."""

    def __repr__(self) -> str:
        networks, points = self.training_right.shape
        return f"Curve({count(networks, 'network')}, {points} points, to sweep {self.sweep[-1]:,})"

    def __eq__(self, other: object) -> bool:
        return same_content(self, other)

    __hash__ = None  # type: ignore[assignment]

    def of(self, networks: slice) -> Curve:
        """That of some of the networks, by their place."""
        right = (self.training_right[networks], self.held_out_right[networks])
        return Curve(self.sweep, self.squared_error[networks], *right)

    @classmethod
    def together(cls, several: Sequence[Curve]) -> Curve:
        """The curves of several blocks of networks, with the same checkpoints, as one."""
        return cls(
            several[0].sweep,
            np.concat([curve.squared_error for curve in several]),
            np.concat([curve.training_right for curve in several]),
            np.concat([curve.held_out_right for curve in several]),
        )


def trajectory_sweeps(architecture: Architecture, recipe: Recipe, precision: Precision = "float64") -> list[int]:
    """The sweeps at which a course of learning shows the network: from 0 to the last one.

    They are 40 for the network of 1986, and fewer for larger networks, so that the file does not grow with them. The
    list is empty for networks that are too large to keep even two moments.
    """
    weights = sum(below * above for below, above in architecture.connections.values())
    moment = 2 * weights * np.dtype(precision).itemsize  # every weight, and its last change
    if 2 * moment > MAX_TRAJECTORY_BYTES:
        return []
    return snapshot_sweeps(recipe.sweeps, max(2, min(MAX_TRAJECTORY_MOMENTS, TRAJECTORY_TARGET_BYTES // moment)))


def snapshot_sweeps(sweeps: int, count: int = MAX_TRAJECTORY_MOMENTS) -> list[int]:
    """Some `count` sweeps from the first to the last, closer together at the start, where more happens."""
    return sorted({round(sweeps * (k / (count - 1)) ** 1.7) for k in range(count)})
