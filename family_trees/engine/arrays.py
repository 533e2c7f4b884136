"""The types of the arrays that the engine computes with."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]
"""An array of doubles. To the type checker, a list or an array of integers is an error."""

Booleans: TypeAlias = NDArray[np.bool_]
"""An array of true and false."""

Indices: TypeAlias = NDArray[np.integer[Any]]
"""An array of indices along an axis, counted from 0."""
