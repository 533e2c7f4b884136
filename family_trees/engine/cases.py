"""What networks are asked and should answer, and the parts in which sums over cases are taken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from family_trees.engine.arrays import Array
from family_trees.engine.network import Activities
from family_trees.engine.onehot import DENSE_LIMIT, OneHot

PART = 2**18
"""Numbers that a layer of one network has in a part of the cases, at most: few enough for the cache, and for memory."""


@dataclass(frozen=True)
class Cases:
    """What a set of networks is asked and should answer.

    Where there are thousands of people, inputs and desired activities are `LocalCodes`; else arrays.
    """

    inputs: Activities
    """Per input layer, (cases, units), or (networks, cases, units) where networks differ."""
    desired: Array
    """d of equation 3: (cases, output units), or (networks, cases, output units)."""
    training_mask: Array
    """(networks, cases): 1 for a training case, 0 for one that is held out of training."""

    def parts(self) -> Iterator[Cases]:
        """All cases, a part at a time: everything that is summed over cases can be summed over parts.

        So what is in memory does not grow with cases times people. The trees of 1986 are one part.
        """
        *_, cases, units = self.desired.shape
        if cases <= max(1, PART // units):
            yield self._spelled_out if isinstance(self.desired, OneHot) else self
        else:
            for part in self._cut:
                spelled_out = isinstance(part.desired, OneHot)
                yield replace(part, desired=part.desired.to_dense()) if spelled_out else part

    @cached_property
    def _spelled_out(self) -> Cases:
        """The same with the desired activities as an array."""
        return replace(self, desired=self.desired.to_dense())

    @cached_property
    def _cut(self) -> tuple[Cases, ...]:
        """The parts, with desired activities that are kept as places."""
        *_, cases, units = self.desired.shape
        step = max(1, PART // units)

        def taken(array: Array, some: slice) -> Array:
            return array[some] if isinstance(array, OneHot) else array[..., some, :]

        return tuple(
            Cases(
                {layer: taken(x, some) for layer, x in self.inputs.items()},
                taken(self.desired, some),
                self.training_mask[:, some],
            )
            for some in (slice(first, min(first + step, cases)) for first in range(0, cases, step))
        )


def select_cases(cases: Cases, places: Array) -> Cases:
    """The cases at `places`, (networks, some cases), all of which count."""
    xp = places.__array_namespace__()

    def taken(array: Array) -> Array:
        if isinstance(array, OneHot):
            few = len(places) > 1 or places.size * array.units <= DENSE_LIMIT or not array.single
            return array.to_dense(places) if few else array.at(places[0])
        flat = xp.take(array, xp.reshape(places, (-1,)), axis=0)
        return xp.reshape(flat, (*places.shape, array.shape[-1]))

    inputs = {layer: taken(x) for layer, x in cases.inputs.items()}
    desired = cases.desired.to_dense(places) if isinstance(cases.desired, OneHot) else taken(cases.desired)
    return Cases(inputs, desired, xp.ones(places.shape, dtype=cases.training_mask.dtype))
