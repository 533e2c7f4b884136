"""People as vectors or matrices, as the compiled engine takes them: see `embedding.py`."""

from __future__ import annotations

import ctypes

import numpy as np
from numpy.typing import NDArray

from family_trees.engine.arrays import Array
from family_trees.engine.cases import Cases, Inputs
from family_trees.engine.compiled.library import compiled_library
from family_trees.engine.compiled.packing import (
    Numbers,
    Packed,
    answered,
    desired_answers,
    evaluated,
    flat,
    pack_cases,
)
from family_trees.engine.embedding import PERSON, RELATION, Embedding
from family_trees.engine.network import Weights
from family_trees.engine.onehot import OneHot


class _Embedding(ctypes.Structure):
    """`struct embedding` in embedding_memory.h."""

    _fields_ = [(name, ctypes.c_int64) for name in ("people", "relations", "rows", "columns", "shared", "squashed")]


def pack_embedding(
    learner: Embedding, inputs: Inputs, answers: tuple[Numbers, Numbers, Array] | None
) -> tuple[Packed, Packed] | None:
    """A learner and its cases for C; None where the compiled engine does not take them."""
    on: dict[str, Numbers] = {}
    for connection in (PERSON, RELATION):
        codes = inputs[connection.below]
        if len(codes.shape) != 2 or (isinstance(codes, OneHot) and not codes.one_unit_each):
            return None
        units = codes.indices if isinstance(codes, OneHot) else np.argmax(codes, axis=-1)
        on[connection.below] = np.ascontiguousarray(units, dtype=np.int64)
    shape = (learner.people, learner.relations, learner.rows, learner.columns)
    structure = _Embedding(*shape, learner.shared, learner.squashed)
    return Packed(structure, ()), pack_cases(list(on), len(on[PERSON.below]), on, {}, answers)


def compiled_embedding_answers(learner: Embedding, weights: Weights, inputs: Inputs, *, raw: bool) -> Array | None:
    """`Embedding.answers`, or with `raw` `Embedding.scores`; None where NumPy has to do it."""
    found = compiled_library()
    packed = pack_embedding(learner, inputs, None) if found else None
    if found is None or packed is None:
        return None
    library, level = found
    numbers = flat(weights, learner)
    y = np.empty((len(numbers), inputs[PERSON.below].shape[0], learner.people))
    return answered(library.answer_embedding, level, packed, numbers, y, ctypes.c_int64(raw))


def compiled_embedding_evaluation(
    learner: Embedding, weights: Weights, cases: Cases, margin: float
) -> tuple[Array, NDArray[np.bool_]] | None:
    """What `program.compiled_evaluation` gives for layered networks."""
    found = compiled_library()
    answers = desired_answers(cases.desired, "squared") if found else None
    packed = pack_embedding(learner, cases.inputs, answers) if found else None
    if found is None or packed is None or answers is None:
        return None
    library, level = found
    count = int(cases.desired.shape[-2])
    return evaluated(library.evaluate_embedding, level, packed, flat(weights, learner), count, margin)
