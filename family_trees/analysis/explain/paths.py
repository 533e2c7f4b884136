"""The chain rule path by path: every way from the output units down to a weight."""

from __future__ import annotations

from heapq import nlargest
from typing import NamedTuple

import numpy as np

from family_trees.analysis.explain.moment import Moment, UnitPlace
from family_trees.analysis.explain.steps import backward_steps
from family_trees.engine.units import UNIT_FUNCTIONS


class Path(NamedTuple):
    """A way from an output unit down to a weight, as factors whose product is its part in dE/dw."""

    units: tuple[UnitPlace, ...]
    """From the output unit down to the unit above the weight."""
    factors: tuple[tuple[str, float], ...]
    """What each is, and its number."""

    @property
    def value(self) -> float:
        """The product."""
        return float(np.prod([number for _, number in self.factors]))


class Ways(NamedTuple):
    """The paths from the output units down to a unit, or to a weight."""

    number: int
    total: float
    """The sum of their values."""
    strongest: tuple[Path, ...]
    """Those of the largest values, the largest first."""


def paths(at: Moment, below: UnitPlace, above: UnitPlace, most: int | None = None) -> Ways:
    """Every way from the output units down to a weight; their values add up to dE/dw of the case.

    Multiply along a path, add over the paths: what equations 4 to 7 do, path by path.

    Args:
        most: how many of the strongest to give; by default all. There are as many as the product of the sizes of the
            layers on the way, millions in a large network; the few strongest are found without making the others.
    """
    y = float(at.y[below.layer].reshape(-1)[below.place])
    end = (f"y of {at.name(below)}", y)
    found = _ways(at, above, most, {})
    return Ways(found.number, found.total * y, tuple(Path(way.units, (*way.factors, end)) for way in found.strongest))


def _ways(at: Moment, unit: UnitPlace, most: int | None, known: dict[UnitPlace, Ways]) -> Ways:
    """From every output unit down to `unit`: the factors of dE/dx of `unit`; each unit once, kept in `known`."""
    if unit in known:
        return known[unit]
    if unit.layer == at.network.output.name:
        first, *rest = backward_steps(at, unit)
        factors = [(f"dE/dy of {at.name(unit)}" if rest else f"dE/dx of {at.name(unit)}", first.value)]
        factors += [(f"slope of {at.name(unit)}", step.terms[0].factors[1]) for step in rest]
        path = Path((unit,), tuple(factors))
        known[unit] = Ways(1, path.value, (path,)) if first.value else Ways(0, 0.0, ())
        return known[unit]
    slope = float(UNIT_FUNCTIONS[at.layer(unit.layer).kind].slope(at.y[unit.layer])[0, 0, unit.place])
    count, total = 0, 0.0
    further: list[tuple[float, UnitPlace, float, Path]] = []
    for higher in at.network.computed:
        for below, connection in at.network.incoming(higher):
            if below != unit.layer:
                continue
            for k, w in enumerate(map(float, at.state.weights[connection][0, unit.place])):
                upper = UnitPlace(higher.name, k)
                ways = _ways(at, upper, most, known)
                count, total = count + ways.number, total + ways.total * w * slope
                further += [(abs(way.value * w), upper, w, way) for way in ways.strongest]
    # Whatever comes below multiplies all the paths of a unit alike, so the strongest stay the strongest.
    kept = nlargest(len(further) if most is None else most, further, key=lambda each: each[0])
    known[unit] = Ways(
        count,
        total,
        tuple(
            Path(
                (*way.units, unit),
                (
                    *way.factors,
                    (f"w from {at.name(unit)} to {at.name(upper)}", w),
                    (f"slope of {at.name(unit)}", slope),
                ),
            )
            for _, upper, w, way in kept
        ),
    )
    return known[unit]
