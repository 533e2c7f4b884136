"""People as vectors or matrices, as the compiled engine takes them: see `embedding.py`."""

from __future__ import annotations

import ctypes
from functools import partial

import numpy as np
from numpy.typing import NDArray

from family_trees.engine.arrays import Array
from family_trees.engine.cases import Cases, Inputs
from family_trees.engine.compiled.packing import Answers, Numbers, Packed, answered, evaluated, pack_cases
from family_trees.engine.embedding import PERSON, RELATION, Embedding
from family_trees.engine.network import Weights
from family_trees.engine.onehot import OneHot


class _Embedding(ctypes.Structure):
    """`struct embedding` in embedding_memory.h."""

    _fields_ = [(name, ctypes.c_int64) for name in ("people", "relations", "rows", "columns", "shared", "squashed")]


def pack_embedding(learner: Embedding, inputs: Inputs, answers: Answers | None) -> tuple[Packed, Packed] | None:
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
    more = ctypes.c_int64(raw)
    return answered("answer_embedding", partial(pack_embedding, learner), learner, weights, inputs, more)


def compiled_embedding_evaluation(
    learner: Embedding, weights: Weights, cases: Cases, margin: float
) -> tuple[Array, NDArray[np.bool_]] | None:
    """The errors and the right cases of `packing.evaluated`."""
    return evaluated("evaluate_embedding", partial(pack_embedding, learner), learner, weights, cases, margin)
