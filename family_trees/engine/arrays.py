"""The types of the arrays that the engine computes with."""

from __future__ import annotations

from typing import Any, Literal, Protocol, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.floating[Any]]
"""An array of floats.

To the type checker it is a NumPy array. So a list, an array of texts or an array of integers is a type error. At run
time it may come from any library that follows the array API standard, because the functions of the engine take their
namespace from the arrays that they are given.
"""

Booleans: TypeAlias = NDArray[np.bool_]
"""An array of true and false."""

Indices: TypeAlias = NDArray[np.integer[Any]]
"""An array of indices along an axis, counted from 0."""

Precision = Literal["float64", "float32"]
"""The type of all floating-point numbers of a training."""


class Namespace(Protocol):
    """The functions of an array library that the engine uses: a part of the array API standard."""

    bool: Any

    def abs(self, x: Array, /) -> Array: ...  # noqa: D102
    def any(self, x: Booleans, /, *, axis: tuple[int, ...]) -> Booleans: ...  # noqa: D102
    def astype(self, x: Booleans, dtype: Any, /) -> Array: ...  # noqa: D102
    def clip(self, x: Array, low: float, high: float, /) -> Array: ...  # noqa: D102
    def exp(self, x: Array, /) -> Array: ...  # noqa: D102
    def expm1(self, x: Array, /) -> Array: ...  # noqa: D102
    def finfo(self, dtype: Any, /) -> Any: ...  # noqa: D102
    def isfinite(self, x: Array, /) -> Booleans: ...  # noqa: D102
    def log(self, x: Array, /) -> Array: ...  # noqa: D102
    def max(self, x: Array, /, *, axis: int, keepdims: bool) -> Array: ...  # noqa: D102
    def ones(self, shape: tuple[int, ...], *, dtype: Any) -> Array: ...  # noqa: D102
    def ones_like(self, x: Array, /) -> Array: ...  # noqa: D102
    def reshape(self, x: Any, /, shape: tuple[int, ...]) -> Any: ...  # noqa: D102
    def sum(self, x: Array, /, *, axis: int | tuple[int, ...], keepdims: bool = False) -> Array: ...  # noqa: D102
    def take(self, x: Array, indices: Indices, /, *, axis: int) -> Array: ...  # noqa: D102
    def tanh(self, x: Array, /) -> Array: ...  # noqa: D102
    def where(self, condition: Booleans, x1: Array | float, x2: Array | float, /) -> Array: ...  # noqa: D102
    def zeros(self, shape: int, *, dtype: Any) -> Any: ...  # noqa: D102


def namespace(x: Array | Indices) -> Namespace:
    """The array library that `x` comes from."""
    return cast("Namespace", x.__array_namespace__())
