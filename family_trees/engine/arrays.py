"""The types of arrays that the engine computes with."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

Array: TypeAlias = Any
"""An array of floats of any library that follows the array API standard (NumPy: `numpy.ndarray`)."""


Precision = Literal["float64", "float32"]
