"""What a learner is: what others ask of it.

`descend` asks for its shapes and its gradient, `evaluate` for its answers, and the analysis of codes for its codes.
Models ask for its layers and their activities, too.

The layered network of 1986 is one learner (`network.Architecture`). Its successors, with vectors or matrices for people
and matrices for relations, are another (`embedding.Embedding`). A learner is a frozen dataclass with these members, in
a file of its own. It is no subclass.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from family_trees.engine.arrays import Array, Booleans
from family_trees.engine.cases import Cases, Inputs
from family_trees.engine.network import Activities, Connection, Layer, Weights
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

    def likelihoods(self, weights: Weights, inputs: Inputs, rivals: Booleans) -> Array:
        """How likely each person is an answer, between 0 and 1, for lists of facts: (networks, cases, units).

        A question may have no answer at all, or several that are known.

        Args:
            weights, inputs: as for `answers`.
            rivals: the people who may be an answer and are none yet, (cases, units). A learner whose answers compete
                compares each person with these.
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


class LayeredLearner(Learner, Protocol):
    """A learner with named layers, whose input layers are the people and the relations, and whose output is people."""

    @property
    def layers(self) -> tuple[Layer, ...]:
        """Its layers, from the input up; the last one is the output."""
        ...

    @property
    def inputs(self) -> tuple[Layer, ...]:
        """The input layers: those that see no other layer."""
        ...

    @property
    def computed(self) -> tuple[Layer, ...]:
        """The layers that are computed from others, lowest first."""
        ...

    @property
    def output(self) -> Layer:
        """The output layer."""
        ...

    def activities(self, weights: Weights, inputs: Inputs) -> Activities:
        """The activities of every layer, per layer (networks, cases, units). Arguments as for `answers`."""
        ...
