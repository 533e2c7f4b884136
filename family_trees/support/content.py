"""Equality of values that hold arrays: what `==` means for models, states and curves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass

import numpy as np


def same_content(one: object, other: object) -> bool:
    """Whether two values have one type and equal contents.

    Dataclasses are compared field by field; mappings, tuples and lists part by part. Two arrays are equal if their
    shapes, types and numbers are. NaN equals NaN.
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
