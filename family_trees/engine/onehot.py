"""One-hot codes in little memory: only the indices of the units that are on are stored.

As an array of zeros and ones, the local codes of 3000 people in 25,000 cases take 600 MB. The engine computes with
`OneHot` as with such an array, (cases, units), and gets the same numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from family_trees.engine.arrays import Array, Indices
from family_trees.support.content import same_content


@dataclass(frozen=True, eq=False, repr=False)
class OneHot:
    """Activities of a layer, (cases, units): 1 for the units that are on, 0 for the others."""

    indices: NDArray[np.int64]
    """The units that are on, case after case: (units on in all cases,)."""
    indptr: NDArray[np.int64]
    """Where in `indices` each case begins, and where the last one ends: (cases + 1,)."""
    units: int

    def __repr__(self) -> str:
        return f"OneHot({self.shape[0]} cases, {self.units} units)"

    def __eq__(self, other: object) -> bool:
        return same_content(self, other)

    __hash__ = None  # type: ignore[assignment]

    @classmethod
    def of(cls, on: Sequence[Sequence[int]], units: int) -> OneHot:
        """The codes in which, for each case, the units in `on` are on."""
        lengths = [len(each) for each in on]
        places = [place for each in on for place in each]
        return cls(np.array(places, dtype=np.int64), np.cumsum([0, *lengths]), units)

    @property
    def shape(self) -> tuple[int, int]:
        """(cases, units)."""
        return len(self.indptr) - 1, self.units

    def __getitem__(self, cases: slice) -> OneHot:
        first, last, _ = cases.indices(len(self.indptr) - 1)
        indptr = self.indptr[first : last + 1]
        return OneHot(self.indices[indptr[0] : indptr[-1]], indptr - indptr[0], self.units)

    @cached_property
    def one_unit_each(self) -> bool:
        """Whether exactly one unit is on in each case, as in an input."""
        return bool(np.all(np.diff(self.indptr) == 1))

    @cached_property
    def units_on(self) -> NDArray[np.int64]:
        """The units that are on in some case, in ascending order."""
        return np.unique(self.indices)

    def at(self, cases: Indices) -> OneHot:
        """The codes of the cases at the indices `cases`, (n,). They must have one unit on in each case."""
        return OneHot(self.indices[cases], np.arange(len(cases) + 1), self.units)

    def to_dense(self, cases: Indices | None = None) -> Array:
        """A dense array of zeros and ones: all cases, (cases, units), or those at the indices `cases`, (..., units)."""
        places = np.arange(self.shape[0]) if cases is None else cases
        lengths = np.diff(self.indptr)[places.reshape(-1)]
        rows = np.zeros((places.size, self.units))
        first = np.repeat(self.indptr[places.reshape(-1)] - np.cumsum(lengths) + lengths, lengths)
        rows[np.repeat(np.arange(places.size), lengths), self.indices[first + np.arange(lengths.sum())]] = 1
        return rows.reshape(*places.shape, self.units)

    def __matmul__(self, w: Array) -> Array:
        """sum_i y_i w_ji, (..., cases, units above): the weights from the units that are on.

        Args:
            w: (..., units, units above).

        Raises:
            ValueError: in some case no unit, or more than one, is on.
        """
        if not self.one_unit_each:
            raise ValueError("only codes with one unit on in each case can be an input")
        return np.take(w, self.indices, axis=-2)
