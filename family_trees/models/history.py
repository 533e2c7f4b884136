"""How networks learned: the learning curve, and the weights at moments of the training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from family_trees.engine.learner import LayeredLearner
from family_trees.engine.network import Weights
from family_trees.engine.recipe import Recipe
from family_trees.support.content import same_content
from family_trees.support.wording import count

if TYPE_CHECKING:
    from family_trees.engine.descent import State

CURVE_KINDS: dict[str, Literal["int64", "float64"]] = {
    "sweep": "int64",
    "squared_error": "float64",
    "training_right": "int64",
    "held_out_right": "int64",
}
"""The arrays of a learning curve in a model file, with their types."""


@dataclass(frozen=True, eq=False, repr=False)
class Trajectory:
    """The course of learning of one network: its weights at some moments, from before the first sweep to the end."""

    sweeps: NDArray[np.int64]
    """The sweeps done at each moment, (moments,)."""
    weights: Weights
    """Per connection, (moments, units below, units above)."""
    changes: Weights
    """The last change of each weight, delta w(t-1) of equation 9, in the shapes of `weights`."""

    def __repr__(self) -> str:
        return f"Trajectory({self.sweeps.size} moments, from sweep {self.sweeps[0]} to {self.sweeps[-1]:,})"

    def __eq__(self, other: object) -> bool:
        return same_content(self, other)

    __hash__ = None  # type: ignore[assignment]

    @property
    def states(self) -> tuple[State, ...]:
        """The states of the network at all moments. Their arrays have a network axis of length 1."""
        return tuple(self._state(k) for k in range(self.sweeps.size))

    def before(self, sweep: int) -> State:
        """The state of the network at the last moment up to and including `sweep`."""
        return self._state(int(np.searchsorted(self.sweeps, sweep, side="right")) - 1)

    def _state(self, k: int) -> State:
        from family_trees.engine.descent import State  # imported here, so that asking a model starts faster

        weights, change = ({c: w[k : k + 1] for c, w in each.items()} for each in (self.weights, self.changes))
        return State(int(self.sweeps[k]), weights, change)


def trajectory_of(moments: Sequence[State], network: slice) -> Trajectory:
    """The course of learning of one network.

    Args:
        moments: the states of several networks, in the order of the sweeps.
        network: the slice of the network axis that holds this network.
    """
    weights, changes = (
        {connection: np.concat([each[connection][network] for each in several]) for connection in several[0]}
        for several in ([state.weights for state in moments], [state.change for state in moments])
    )
    return Trajectory(np.array([state.sweep for state in moments]), weights, changes)


MAX_TRAJECTORY_MOMENTS = 40
"""The most moments of a course of learning."""


TRAJECTORY_TARGET_BYTES = 1_725_000
"""The bytes that a course of learning may take. Its number of moments follows from this, but is at least two."""


MAX_TRAJECTORY_BYTES = 30_000_000
"""The most bytes of two moments. Networks whose two moments would take more keep no course of learning."""


@dataclass(frozen=True, eq=False, repr=False)
class Curve:
    """The learning curves of networks: measured before the first sweep, every few sweeps, and after the last one."""

    sweep: NDArray[np.int64]
    """The sweeps at which the networks were measured, (checkpoints,)."""
    squared_error: NDArray[np.float64]
    """E of equation 3 over the training cases, whatever the margin and error signal of the recipe: (networks,
    checkpoints)."""
    training_right: NDArray[np.int64]
    """How many training cases are right, (networks, checkpoints)."""
    held_out_right: NDArray[np.int64]
    """How many held-out cases are right, (networks, checkpoints)."""

    def __repr__(self) -> str:
        networks, points = self.training_right.shape
        return f"Curve({count(networks, 'network')}, {points} points, to sweep {self.sweep[-1]:,})"

    def __eq__(self, other: object) -> bool:
        return same_content(self, other)

    __hash__ = None  # type: ignore[assignment]

    def of(self, networks: slice) -> Curve:
        """The curves of some of the networks, by a slice of the network axis."""
        right = (self.training_right[networks], self.held_out_right[networks])
        return Curve(self.sweep, self.squared_error[networks], *right)

    @classmethod
    def together(cls, several: Sequence[Curve]) -> Curve:
        """Join the curves of several blocks of networks that have the same checkpoints."""
        return cls(
            several[0].sweep,
            np.concat([curve.squared_error for curve in several]),
            np.concat([curve.training_right for curve in several]),
            np.concat([curve.held_out_right for curve in several]),
        )


def trajectory_sweeps(architecture: LayeredLearner, recipe: Recipe) -> list[int]:
    """The sweeps of the moments of a course of learning, from 0 to the last one.

    There are 40 for the network of 1986. Larger networks have fewer, so that their files do not grow. The list is empty
    for networks that are too large to keep even two moments.
    """
    weights = sum(below * above for below, above in architecture.connections.values())
    moment = 2 * weights * np.dtype(np.float64).itemsize  # every weight, and its last change
    if 2 * moment > MAX_TRAJECTORY_BYTES:
        return []
    return snapshot_sweeps(recipe.sweeps, max(2, min(MAX_TRAJECTORY_MOMENTS, TRAJECTORY_TARGET_BYTES // moment)))


def snapshot_sweeps(sweeps: int, count: int = MAX_TRAJECTORY_MOMENTS) -> list[int]:
    """About `count` sweeps from 0 to the last, closer together at the start, where more happens."""
    return sorted({round(sweeps * (k / (count - 1)) ** 1.7) for k in range(count)})
