"""Whether two values hold the same, arrays among them: what `==` should mean for data that holds arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass

import numpy as np


def same_content(one: object, other: object) -> bool:
    """Whether two values are of one type and equal in all their parts; arrays are compared as wholes.

    Fields of dataclasses, and the parts of mappings, tuples and lists, are compared in turn. Two arrays are the same
    if shape, type and every number are; a number that is not one (NaN) is the same as another.
    """
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        floats = np.issubdtype(one.dtype, np.floating)
        return one.dtype == other.dtype and np.array_equal(one, other, equal_nan=bool(floats))
    if is_dataclass(one) and not isinstance(one, type):
        return all(same_content(getattr(one, each.name), getattr(other, each.name)) for each in fields(one))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same_content(one[key], other[key]) for key in one)
    if isinstance(one, tuple | list) and isinstance(other, tuple | list):
        return len(one) == len(other) and all(map(same_content, one, other))
    return bool(one == other)
