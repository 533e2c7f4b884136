"""Evaluation: when a case is right, and the error and the right cases of networks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from family_trees.engine.arithmetic import sum_over_cases
from family_trees.engine.arrays import Array, Booleans
from family_trees.engine.cases import Cases
from family_trees.engine.compiled.embedding_program import compiled_embedding_evaluation
from family_trees.engine.compiled.program import compiled_evaluation
from family_trees.engine.embedding import Embedding
from family_trees.engine.learner import Learner
from family_trees.engine.learning import case_errors
from family_trees.engine.network import Architecture, Weights
from family_trees.engine.units import ErrorSignal

Criterion = Literal["right", "margins", "best", "rank"]
"""The names of the criteria for a right case: see `right`, `right_by_margins`, `right_by_best_unit` and
`right_by_rank`."""

STRICT_MARGIN = 0.2
"""The margin of the strict criterion: a unit is on above 0.8 and off below 0.2 (Nature, fig. 4)."""


def right(y: Array, d: Array) -> Booleans:
    """Which cases are right: the desired units are above 0.5, all other units below 0.5 (Hinton, CogSci 1986).

    Args:
        y: activities of the output units, (..., cases, units).
        d: desired activities, (cases, units).

    Returns:
        (..., cases).
    """
    each = np.where(d > 0.5, y > 0.5, y < 0.5)
    return np.asarray(each.all(axis=-1))


def right_by_margins(y: Array, d: Array) -> Booleans:
    """Which cases have the desired units above 0.8 and all other units below 0.2. Arguments as for `right`."""
    each = np.where(d > 0.5, y > 1 - STRICT_MARGIN, y < STRICT_MARGIN)
    return np.asarray(each.all(axis=-1))


def right_by_best_unit(y: Array, d: Array) -> Booleans:
    """Which cases have a desired unit as their most active unit. Arguments as for `right`."""
    on = np.broadcast_to(d > 0.5, y.shape)
    best = np.take_along_axis(on, np.argmax(y, axis=-1)[..., None], axis=-1)[..., 0]
    return np.asarray(best & np.all(np.isfinite(y), axis=-1))


def right_by_rank(y: Array, d: Array) -> Booleans:
    """Which cases have every desired unit above every other unit. Arguments as for `right`.

    So the k most active units are the k right answers: the criterion of one who is told how many answers there are.
    """
    on = np.broadcast_to(d > 0.5, y.shape)
    lowest_right = np.min(y, axis=-1, where=on, initial=np.inf)
    highest_wrong = np.max(y, axis=-1, where=~on, initial=-np.inf)
    return np.asarray((lowest_right > highest_wrong) & np.all(np.isfinite(y), axis=-1))


CRITERIA: Mapping[Criterion, Callable[[Array, Array], Booleans]] = {
    "right": right,
    "margins": right_by_margins,
    "best": right_by_best_unit,
    "rank": right_by_rank,
}
"""The functions that decide whether cases are right, by the name of the criterion."""


HINTON_CRITERIA: tuple[Criterion, ...] = ("right",)
"""The criterion of Hinton's report (CogSci 1986), and no other."""


class Evaluation(NamedTuple):
    """The error and the right cases of networks."""

    objective: NDArray[np.float64]
    """The error of each network, summed over its training cases, without margins: (networks,)."""
    by_criterion: dict[Criterion, Booleans]
    """For each criterion, which of all cases are right: (networks, cases)."""
    committees: list[dict[Criterion, Booleans]]
    """The same for each committee, which counts as one network: (1, cases)."""

    @property
    def right(self) -> Booleans:
        """Which of all cases are right by Hinton's criterion, (networks, cases)."""
        return self.by_criterion["right"]


def evaluate(
    learner: Learner,
    weights: Weights,
    cases: Cases,
    signal: ErrorSignal = "squared",
    criteria: Collection[Criterion] = HINTON_CRITERIA,
    committees: Sequence[slice] = (),
) -> Evaluation:
    """Evaluate networks on all cases: their error, and which cases are right.

    Args:
        learner: what the networks are: the layered network of 1986, or another.
        weights: per connection, (networks, units below, units above).
        signal: the kind of error, as for `learning.objective`; by default that of equation 3.
        criteria: the criteria to apply.
        committees: slices of the network axis. The networks of a committee answer together, by their mean output.
    """
    if signal == "squared" and not committees:
        found = None
        if isinstance(learner, Architecture):
            found = compiled_evaluation(learner, weights, cases, STRICT_MARGIN)
        elif isinstance(learner, Embedding):
            found = compiled_embedding_evaluation(learner, weights, cases, STRICT_MARGIN)
        if found is not None:
            terms, by_criterion = found
            right_by_name = dict(zip(CRITERIA, by_criterion, strict=True))
            error = sum_over_cases(terms * cases.training_mask)
            return Evaluation(error, {name: right_by_name[name] for name in criteria}, [])
    return _evaluate(learner, weights, cases, signal, criteria, committees)


def _evaluate(
    learner: Learner,
    weights: Weights,
    cases: Cases,
    signal: ErrorSignal,
    criteria: Collection[Criterion],
    committees: Sequence[slice],
) -> Evaluation:
    """`evaluate`, part by part of the cases, with NumPy."""
    errors: list[Array] = []
    found: list[list[dict[Criterion, Booleans]]] = []
    for part in cases.parts():
        y, d = learner.answers(weights, part.inputs), part.d
        errors.append(case_errors(y, part, signal))
        answers = [y, *(np.mean(y[members], axis=0, keepdims=True) for members in committees)]
        found.append([{name: CRITERIA[name](each, d) for name in criteria} for each in answers])
    joined = [
        {name: np.concat([each[name] for each in parts], axis=-1) for name in criteria}
        for parts in zip(*found, strict=True)
    ]
    return Evaluation(sum_over_cases(np.concat(errors, axis=-1)), joined[0], joined[1:])
