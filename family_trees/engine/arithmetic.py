"""The arithmetic: the order of every sum, and the exponential function. `ARITHMETIC.md` is its specification.

Training amplifies the last bit, so that every rounding has to be the same on every machine. IEEE 754 fixes the result
of each `+`, `-`, `*` and `/`. This module fixes the rest. A product of matrices, `np.sum` and `np.exp` stand nowhere in
what training computes: their last bit depends on the processor.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from family_trees.engine.arrays import Array, Indices

VERSION = 1
"""The version of the arithmetic. A model says which one made it."""

PARTIAL_SUMS = 8
"""A sum over cases is taken in this many partial sums: partial sum k adds the cases k, k + 8, k + 16, ..."""

EXP_LIMIT = 708.0
"""The exponential function takes arguments beyond this limit as the limit, so that its values are normal numbers."""

CACHED_VALUES = 2**14
"""Numbers that fit the cache of a processor beside others, about. It changes the speed and nothing else."""

_Number = TypeVar("_Number", bound=np.number[Any])

_PER_LN_2 = float.fromhex("0x1.71547652b82fep+0")
_LN_2_HIGH, _LN_2_LOW = float.fromhex("0x1.62e42feep-1"), float.fromhex("0x1.a39ef35793c76p-33")
_SHIFT = float.fromhex("0x1.8p+52")
_COEFFICIENTS = tuple(1 / math.factorial(k) for k in range(14))


def exponential(x: Array) -> Array:
    """exp(x), of any shape. The error is below 1.25 units in the last place.

    Arguments beyond `EXP_LIMIT` are taken as the limit. NaN gives NaN.
    """
    r = np.minimum(np.maximum(x, -EXP_LIMIT), EXP_LIMIT)
    n = r * _PER_LN_2
    n += _SHIFT
    # The last bits of the sum are those of x / ln 2, rounded to a whole number n. So these are the bits of 2^n.
    power = n.view(np.int64) << 52
    power += 1023 << 52
    n -= _SHIFT
    r -= n * _LN_2_HIGH
    n *= _LN_2_LOW
    r -= n
    p = r * _COEFFICIENTS[-1]
    for c in _COEFFICIENTS[-2:0:-1]:
        p += c
        p *= r
    p += _COEFFICIENTS[0]
    p *= power.view(np.float64)
    return p


def filled(start: Array | float, cases: int, networks: int, units: int) -> Array:
    """An array (networks, cases, units) that begins with `start`, for `add_products`.

    Its memory has the cases of a unit side by side: NumPy is fastest where the innermost axis is long.
    """
    x = np.empty((networks, units, cases)).swapaxes(-1, -2)
    x[...] = start
    return x


def add_products(x: Array, y: Array, w: Array) -> None:
    """Add y_0 w_0j, then y_1 w_1j and so on, to x_j, in place.

    Args:
        x: (networks, cases, units above).
        y: (cases, units below) or (networks, cases, units below).
        w: (networks, units below, units above).
    """
    y_i = (y if y.ndim == 3 else y[None]).transpose(2, 0, 1)  # (units below, networks, cases)
    w_i = w.swapaxes(0, 1)  # (units below, networks, units above)
    _add_each(x.swapaxes(1, 2), y_i[:, :, None, :], w_i[..., None])


def _add_each(total: Array, a: Array, b: Array) -> None:
    """Add a_0 b_0, then a_1 b_1 and so on, to `total`, in place. The first axis of a and b is that of the terms.

    As many products are computed at once as the cache holds, so that NumPy is called less often.
    """
    at_once = max(1, min(len(a), CACHED_VALUES // max(1, total.size)))
    products = np.empty((at_once, *total.shape))
    for first in range(0, len(a), at_once):
        some = slice(first, first + at_once)
        for term in np.multiply(a[some], b[some], out=products[: len(a) - first]):
            total += term


def sum_over_units(terms: Array) -> Array:
    """The sum along the last axis, one term after another: (..., units) to (...)."""
    return np.asarray(np.add.accumulate(terms, axis=-1)[..., -1])


def in_eights(x: NDArray[_Number]) -> NDArray[_Number]:
    """Cases in blocks of eight, (networks, cases, units) to (blocks, units, networks, 8).

    Places after the last case hold 0.
    """
    networks, cases, units = x.shape
    whole, rest = divmod(cases, PARTIAL_SUMS)
    found = np.zeros((whole + (rest > 0), units, networks, PARTIAL_SUMS), dtype=x.dtype)
    by_unit = x.transpose(2, 0, 1)  # (units, networks, cases)
    blocks = by_unit[..., : cases - rest].reshape(units, networks, whole, PARTIAL_SUMS)
    found[:whole] = blocks.transpose(2, 0, 1, 3)
    if rest:
        found[whole, ..., :rest] = by_unit[..., cases - rest :]
    return found


def in_turn(several: Sequence[NDArray[_Number]]) -> NDArray[_Number]:
    """Blocks of layers that share weights, one layer after another in each block: (blocks * layers, ..., 8)."""
    return several[0] if len(several) == 1 else np.stack(several, axis=1).reshape(-1, *several[0].shape[1:])


def add_case_products(partial: Array, y: Array, dE_dx: Array) -> None:
    """Add y_ic dE/dx_jc, one block of eight cases after another, to the partial sums of dE/dw_ji, in place.

    Args:
        partial: (units below, units above, networks, 8).
        y: (blocks, units below, networks, 8), from `in_eights`.
        dE_dx: (blocks, units above, networks, 8).
    """
    _add_each(partial, y[:, :, None], dE_dx[:, None])


def add_case_codes(partial: Array, on: Indices, dE_dx: Array) -> None:
    """`add_case_products` for one-hot codes: `on` holds, for each case, the unit that is on, (blocks, 1, 1, 8).

    `partial` is one block of memory.
    """
    size = partial[0].size
    places = on * size + np.arange(size).reshape(partial.shape[1:])
    np.add.at(partial.reshape(-1), places.reshape(-1), dE_dx.reshape(-1))  # one number after another, in their order


def added(partial: Array) -> Array:
    """The sum of eight partial sums, in a fixed order: (..., 8) to (...)."""
    while partial.shape[-1] > 1:
        half = partial.shape[-1] // 2
        partial = partial[..., :half] + partial[..., half:]
    return partial[..., 0]


def sum_over_cases(terms: Array) -> Array:
    """The sum over cases, in eight partial sums: (networks, cases) to (networks,)."""
    partial = np.zeros((terms.shape[0], PARTIAL_SUMS))
    for block in in_eights(terms[..., None]):
        partial += block[0]
    return added(partial)
