"""The cases of a training: inputs, desired outputs, and the parts over which sums over cases are taken."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias

import numpy as np

from family_trees.engine.arithmetic import PARTIAL_SUMS
from family_trees.engine.arrays import Array, Indices
from family_trees.engine.onehot import OneHot
from family_trees.support.content import same_content
from family_trees.support.wording import count

MAX_PART_VALUES = 2**18
"""The most activities, cases times output units, in one part of the cases: few enough for the cache and for memory."""

Inputs: TypeAlias = Mapping[str, Array | OneHot]
"""Per input layer, (cases, units), or (networks, cases, units) where networks differ."""

Orders: TypeAlias = Callable[[int, int], Indices]
"""A function of a sweep, counted from 1, and of a number of sweeps from it on. It gives the order in which each network
is shown its training cases in each of them, as indices along the case axis: (networks, sweeps, training cases)."""


def part_size(units: int) -> int:
    """The most cases of a part, for a network with so many output units: a multiple of 8, as sums over cases want."""
    return max(1, MAX_PART_VALUES // units // PARTIAL_SUMS) * PARTIAL_SUMS


@dataclass(frozen=True, eq=False, repr=False)
class Cases:
    """The inputs and desired outputs of a set of networks, and which cases train which network.

    Inputs and desired activities are arrays, or `OneHot` codes where those save memory.
    """

    inputs: Inputs
    desired: Array | OneHot
    """d of equation 3: (cases, output units), or (networks, cases, output units)."""
    training_mask: Array
    """(networks, cases): 1 for a training case, 0 for one that is held out of training."""

    def __repr__(self) -> str:
        networks, cases = self.training_mask.shape
        units = [*(f"{name} {x.shape[-1]}" for name, x in self.inputs.items()), f"desired {self.desired.shape[-1]}"]
        return f"Cases({count(cases, 'case')} of {count(networks, 'network')}; {', '.join(units)})"

    def __eq__(self, other: object) -> bool:
        return same_content(self, other)

    __hash__ = None  # type: ignore[assignment]

    @property
    def d(self) -> Array:
        """The desired activities as a dense array: d of equation 3."""
        return self.desired.to_dense() if isinstance(self.desired, OneHot) else self.desired

    def parts(self) -> Iterator[Cases]:
        """All cases, one part after another, with dense desired activities. A sum over cases is a sum over parts.

        So the memory in use does not grow with cases times people. The trees of 1986 fit in one part.
        """
        if self.desired.shape[-2] <= self._part_size:
            yield self._dense if isinstance(self.desired, OneHot) else self
        else:
            for part in self._sparse_parts:
                yield replace(part, desired=part.d)

    def at(self, places: Indices) -> Cases:
        """The batch of the cases at `places`, (networks, cases of the batch), which are all training cases."""

        def rows(of: Array | OneHot) -> Array | OneHot:
            if isinstance(of, OneHot):
                sparse = len(places) == 1 and of.one_unit_each
                return of.at(places[0]) if sparse else of.to_dense(places)
            return np.asarray(of[places])

        desired = self.desired.to_dense(places) if isinstance(self.desired, OneHot) else rows(self.desired)
        return Cases({layer: rows(x) for layer, x in self.inputs.items()}, desired, np.ones(places.shape))

    @cached_property
    def _dense(self) -> Cases:
        """These cases with dense desired activities."""
        return replace(self, desired=self.d)

    @property
    def _part_size(self) -> int:
        """The most cases that a part has."""
        return part_size(int(self.desired.shape[-1]))

    @cached_property
    def _sparse_parts(self) -> tuple[Cases, ...]:
        """The parts, with desired activities in the form in which `desired` has them."""
        cases, step = self.desired.shape[-2], self._part_size

        def rows(of: Array | OneHot, part: slice) -> Array | OneHot:
            return of[part] if isinstance(of, OneHot) else of[..., part, :]

        return tuple(
            Cases(
                {layer: rows(x, part) for layer, x in self.inputs.items()},
                rows(self.desired, part),
                self.training_mask[:, part],
            )
            for part in (slice(first, min(first + step, cases)) for first in range(0, cases, step))
        )
