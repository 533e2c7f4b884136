"""What the compiled engine takes, whatever the learner: arrays, cases, and how weights change."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from family_trees.engine.arrays import Array
from family_trees.engine.cases import Cases, Inputs
from family_trees.engine.compiled.library import compiled_library
from family_trees.engine.learner import LayeredLearner, Learner
from family_trees.engine.network import Weights
from family_trees.engine.onehot import OneHot
from family_trees.engine.units import ErrorSignal

SIGNALS: tuple[ErrorSignal, ...] = ("squared", "cross-entropy", "softmax")
"""The error signals in the order of the enumeration in kernel.c."""

CRITERIA = 4
"""The criteria that the compiled engine applies: all of evaluation.py, in its order."""

Numbers = NDArray[np.int64]


class PackedCases(ctypes.Structure):
    """`struct cases` in kernel.c."""

    _fields_ = [
        ("cases", ctypes.c_int64),
        *((name, ctypes.c_void_p) for name in ("on", "dense", "first_answer", "answer", "desired")),
    ]


class PackedChange(ctypes.Structure):
    """`struct change` in kernel.c."""

    _fields_ = [
        *((name, ctypes.c_int64) for name in ("signal", "averaged")),
        *((name, ctypes.c_double) for name in ("margin", "alpha")),
        *((name, ctypes.c_void_p) for name in ("epsilon", "factor")),
    ]


@dataclass(frozen=True)
class Packed:
    """A structure for C, and the arrays that it points to, which must live as long."""

    structure: ctypes.Structure
    arrays: tuple[Any, ...]

    def __call__(self) -> Any:
        """The structure by reference, as a function takes it."""
        return ctypes.byref(self.structure)


Answers = tuple[Numbers, Numbers, Array]
"""The right answers of cases, from `desired_answers`."""

Pack = Callable[[Inputs, Answers | None], tuple[Packed, Packed] | None]
"""Packs a learner and its cases for C. It gives None where the compiled engine does not take them."""


def pointer(array: NDArray[Any] | None) -> int | None:
    """The address of an array, as a structure takes it."""
    return None if array is None else array.ctypes.data


def pack_cases(
    layers: Sequence[str],
    cases: int,
    one_hot: Mapping[str, Numbers],
    dense: Mapping[str, Array],
    answers: Answers | None = None,
) -> Packed:
    """So many cases for C, whose inputs and answers stand in contiguous arrays.

    Args:
        layers: the layers in the order in which C counts them.
        one_hot: of some input layers the unit that is on, (cases,).
        dense: of some input layers the activities, (cases, units).
        answers: from `desired_answers`.
    """
    on, rows = (np.array([pointer(of.get(layer)) or 0 for layer in layers], dtype=np.uintp) for of in (one_hot, dense))
    addresses = [pointer(each) for each in (on, rows, *(answers or (None, None, None)))]
    return Packed(PackedCases(cases, *addresses), (on, rows, answers, one_hot, dense))


def desired_answers(desired: Array | OneHot, signal: ErrorSignal) -> Answers | None:
    """The right answers of the cases: where those of each begin, their units, and their desired activity.

    None where a desired activity is neither 0 nor 1, or differs between networks.
    """
    if isinstance(desired, OneHot):
        first, answer = desired.indptr, desired.indices
    else:
        if desired.ndim != 2 or not np.all((desired == 0) | (desired == 1)):
            return None
        first = np.concatenate([[0], np.cumsum(np.count_nonzero(desired, axis=-1))])
        answer = np.nonzero(desired)[1]
    count = np.maximum(np.diff(first), 1)
    level = 1 / count if signal == "softmax" else np.ones(len(count))
    return np.ascontiguousarray(first, np.int64), np.ascontiguousarray(answer, np.int64), level


def flat(weights: Weights, learner: Learner) -> Array:
    """All weights of each network, (networks, weights), in the order of `ARITHMETIC.md`."""
    return np.concatenate([weights[c].reshape(weights[c].shape[0], -1) for c in learner.connections], axis=-1)


def by_connection(numbers: Array, learner: Learner) -> Weights:
    """The weights by connection, of which `flat` made `numbers`."""
    found, offset = {}, 0
    for connection, (below, above) in learner.connections.items():
        size = below * above
        found[connection] = np.ascontiguousarray(numbers[:, offset : offset + size]).reshape(-1, below, above)
        offset += size
    return found


def answered(
    function: str, pack: Pack, learner: LayeredLearner, weights: Weights, inputs: Inputs, *more: Any
) -> Array | None:
    """The answers of networks to cases, (networks, cases, units); None where NumPy has to do it.

    Args:
        function: its name in the compiled file.
        pack: how the learner and its inputs are packed.
        more: further arguments of the function, before the last one.
    """
    found = compiled_library()
    packed = pack(inputs, None) if found else None
    if found is None or packed is None:
        return None
    library, level = found
    numbers = flat(weights, learner)
    y = np.empty((len(numbers), next(iter(inputs.values())).shape[0], learner.output.units))
    _call(getattr(library, function), level, packed, numbers, *more, *pointers(y))
    return y


def evaluated(
    function: str, pack: Pack, learner: LayeredLearner, weights: Weights, cases: Cases, margin: float
) -> tuple[Array, NDArray[np.bool_]] | None:
    """The error of each case (equation 3), and which cases are right; None where NumPy has to do it.

    Args:
        function, pack: as for `answered`.
        margin: that of the criterion "margins".

    Returns:
        The errors, (networks, cases), of all cases; and by the criteria in the order of `evaluation.Criterion`,
        (criteria, networks, cases).
    """
    found = compiled_library()
    answers = desired_answers(cases.desired, "squared") if found else None
    packed = pack(cases.inputs, answers) if answers else None
    if found is None or packed is None:
        return None
    library, level = found
    numbers = flat(weights, learner)
    shape = (len(numbers), cases.desired.shape[-2])
    terms, right = np.empty(shape), np.empty((CRITERIA, *shape), dtype=np.bool_)
    _call(getattr(library, function), level, packed, numbers, ctypes.c_double(margin), *pointers(terms, right))
    return terms, right


def _call(function: Any, level: int, packed: tuple[Packed, Packed], numbers: Array, *more: Any) -> None:
    """Call a function of the compiled file that takes a learner, its cases, and weights.

    Raises:
        MemoryError: there is not enough memory.
    """
    structures = (each() for each in packed)
    networks = ctypes.c_int64(len(numbers))
    if function(ctypes.c_int64(level), *structures, networks, *pointers(numbers), *more):
        raise MemoryError


def pointers(*arrays: NDArray[Any] | None) -> list[ctypes.c_void_p]:
    """The addresses of arrays, as a function takes them."""
    return [ctypes.c_void_p(pointer(each)) for each in arrays]
