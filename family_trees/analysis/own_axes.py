"""The matrices of a model, turned so that their own axes are the rows and columns.

Any rotation of all codes gives the same answers, so a picture may choose one. The rows are those along which the
people differ most, then second most, and so on; so are the columns. Of the trees of 1986, the columns are chosen for
the English alone, and another rotation turns the Italians onto them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from family_trees.analysis.readout import rotation
from family_trees.engine.embedding import PERSON, RELATION, Embedding
from family_trees.families.of_1986 import equivalents, is_of_1986, people_by_nationality
from family_trees.models.model import Model
from family_trees.support.errors import FamilyTreesError


class Matrices(NamedTuple):
    """The matrices of people and relations in their own axes. A vector is a matrix of one column."""

    people: NDArray[np.float64]
    """(people, rows, columns), in the order of the task."""
    relations: NDArray[np.float64]
    """(relations, rows, rows), in the order of the task."""
    turned: NDArray[np.float64] | None
    """`people` with the Italians of 1986 turned by the one rotation that brings them nearest to their equivalents; None
    for other people."""


def matrices_of(model: Model) -> Matrices:
    """The matrices of a model in their own axes. They give the same answers as those of the model.

    Raises:
        FamilyTreesError: the model has no matrices.
    """
    learner, task = model.architecture, model.task
    if not isinstance(learner, Embedding):
        raise FamilyTreesError("a layered network has no matrices; 'family-trees train --learner matrices' makes some")
    people = model.weights[PERSON][0].reshape(-1, learner.rows, learner.columns)
    relations = model.weights[RELATION][0].reshape(-1, learner.rows, learner.rows)
    english, italians = (
        ([task.person_index[name] for name in names] for names in people_by_nationality().values())
        if is_of_1986(task)
        else ([*range(len(people))], [])
    )
    left = _axes(np.einsum("pic,pjc->ij", people, people))
    right = _axes(np.einsum("pri,prj->ij", people[english], people[english]))
    people = left.T @ people @ right
    signs = np.where(people[english].sum(axis=0)[:, 0] < 0, -1.0, 1.0)  # white on the whole, in the first column
    people, left = signs[:, None] * people, left * signs
    turned = None
    if italians:
        other = equivalents()
        targets = people[[task.person_index[other[task.people[k]]] for k in italians]]
        turned = people.copy()
        turned[italians] = people[italians] @ rotation(people[italians], targets)
    return Matrices(people, left.T @ relations @ left, turned)


def _axes(squares: NDArray[np.float64]) -> NDArray[np.float64]:
    """The principal axes as columns, the longest first."""
    return np.asarray(np.linalg.eigh(squares)[1][:, ::-1])
