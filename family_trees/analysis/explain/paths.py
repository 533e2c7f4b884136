"""The chain rule path by path: every path from the output units down to a weight."""

from __future__ import annotations

from heapq import nlargest
from typing import NamedTuple

import numpy as np

from family_trees.analysis.explain.moment import Moment, UnitPlace
from family_trees.analysis.explain.steps import backward_steps
from family_trees.engine.units import UNIT_FUNCTIONS


class ErrorPath(NamedTuple):
    """A path from an output unit down to a weight. The product of its factors is its part of dE/dw."""

    units: tuple[UnitPlace, ...]
    """From the output unit down to the unit above the weight."""
    factors: tuple[tuple[str, float], ...]
    """Each factor in words, and its number."""

    @property
    def value(self) -> float:
        """The product."""
        return float(np.prod([number for _, number in self.factors]))


class ErrorPaths(NamedTuple):
    """All paths from the output units down to a unit, or to a weight, summed up."""

    path_count: int
    total: float
    """The sum of the values of all paths."""
    strongest: tuple[ErrorPath, ...]
    """The paths with the largest values, the largest first."""


def error_paths(at: Moment, below: UnitPlace, above: UnitPlace, most: int | None = None) -> ErrorPaths:
    """All paths from the output units down to a weight. Their values add up to dE/dw of the case.

    Multiply along each path, then add over the paths: this is what equations 4 to 7 do, path by path.

    Args:
        most: how many of the strongest paths to give; by default all. Their number is the product of the sizes of the
            layers between, millions in a large network. The strongest are found without listing the others.
    """
    y = float(at.y[below.layer].reshape(-1)[below.place])
    end = (f"y of {at.name(below)}", y)
    found = _paths_down_to(at, above, most, {})
    return ErrorPaths(
        found.path_count, found.total * y, tuple(ErrorPath(way.units, (*way.factors, end)) for way in found.strongest)
    )


def _paths_down_to(at: Moment, unit: UnitPlace, most: int | None, known: dict[UnitPlace, ErrorPaths]) -> ErrorPaths:
    """All paths from the output units down to `unit`: the factors of its dE/dx. Results are stored in `known`."""
    if unit in known:
        return known[unit]
    if unit.layer == at.network.output.name:
        first, *rest = backward_steps(at, unit)
        factors = [(f"dE/dy of {at.name(unit)}" if rest else f"dE/dx of {at.name(unit)}", first.value)]
        factors += [(f"slope of {at.name(unit)}", step.terms[0].factors[1]) for step in rest]
        path = ErrorPath((unit,), tuple(factors))
        known[unit] = ErrorPaths(1, path.value, (path,)) if first.value else ErrorPaths(0, 0.0, ())
        return known[unit]
    slope = float(UNIT_FUNCTIONS[at.layer(unit.layer).kind].slope(at.y[unit.layer])[0, 0, unit.place])
    count, total = 0, 0.0
    further: list[tuple[float, UnitPlace, float, ErrorPath]] = []
    for higher in at.network.computed:
        for below, connection in at.network.incoming(higher):
            if below != unit.layer:
                continue
            for k, w in enumerate(map(float, at.state.weights[connection][0, unit.place])):
                upper = UnitPlace(higher.name, k)
                ways = _paths_down_to(at, upper, most, known)
                count, total = count + ways.path_count, total + ways.total * w * slope
                further += [(abs(way.value * w), upper, w, way) for way in ways.strongest]
    # The factors below a unit multiply all its paths alike, so its strongest paths stay the strongest.
    strongest = nlargest(len(further) if most is None else most, further, key=lambda each: each[0])
    known[unit] = ErrorPaths(
        count,
        total,
        tuple(
            ErrorPath(
                (*way.units, unit),
                (
                    *way.factors,
                    (f"w from {at.name(unit)} to {at.name(upper)}", w),
                    (f"slope of {at.name(unit)}", slope),
                ),
            )
            for _, upper, w, way in strongest
        ),
    )
    return known[unit]
