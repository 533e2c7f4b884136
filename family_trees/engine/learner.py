"""What a learner is: four things that others ask of it.

`descend` asks for its shapes and its gradient, `evaluate` for its answers, and the analysis of codes for its codes.

The layered network of 1986 is one learner (`network.Architecture`). A learner of another kind, such as vectors for
people and matrices for relations, is a frozen dataclass with the same four members, in a file of its own. It is no
subclass.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from family_trees.engine.arrays import Array
from family_trees.engine.cases import Cases, Inputs
from family_trees.engine.network import Connection, Weights
from family_trees.engine.units import ErrorSignal


class Learner(Protocol):
    """A description of networks, without their weights. Every array has a leading network axis."""

    @property
    def connections(self) -> Mapping[Connection, tuple[int, int]]:
        """The shapes of its parameters: per connection, (units below, units above)."""
        ...

    def answers(self, weights: Weights, inputs: Inputs) -> Array:
        """What it answers: the activities of the output units, (networks, cases, units).

        Args:
            weights: per connection, (networks, units below, units above).
            inputs: per input layer, (cases, units), or (networks, cases, units) where networks differ.
        """
        ...

    def gradient(self, weights: Weights, cases: Cases, signal: ErrorSignal = "squared", margin: float = 0.0) -> Weights:
        """dE/dw of `learning.objective` for this signal and margin, summed over the training cases.

        Returns:
            Per connection, in the shapes of `weights`.
        """
        ...

    def codes(self, weights: Weights) -> dict[str, Array]:
        """The code of every person and every relation: per input layer, (networks, units of that layer, code units).

        An input layer without a code of its own has no entry.
        """
        ...
