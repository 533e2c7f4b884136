"""Vectors or matrices between two sweeps, one question, and all the numbers of equations 1 to 9 of `engine.embedding`.

The equations are written here a second time, as plainly as they stand there. The numbers are then compared with those
that train.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from family_trees.analysis.explain.moment import UnitNames, UnitPlace
from family_trees.engine.arrays import Array
from family_trees.engine.cases import Cases
from family_trees.engine.descent import State, sweep
from family_trees.engine.embedding import PERSON, RELATION, Embedding
from family_trees.engine.learning import case_errors, target
from family_trees.engine.network import Connection, Weights
from family_trees.engine.recipe import Recipe
from family_trees.engine.units import softmax
from family_trees.families.task import Case
from family_trees.models.model import Model
from family_trees.support.errors import FamilyTreesError

CODES = {"person code": PERSON, "relation code": RELATION}
"""The connection that holds the numbers of each code."""


@dataclass(frozen=True)
class SuccessorMoment:
    """Vectors or matrices between two sweeps, one question, and all its numbers. A vector is a matrix of one column."""

    learner: Embedding
    recipe: Recipe
    names: UnitNames
    case: Case
    state: State
    """The weights before the explained sweep."""
    after: State
    """The weights after it."""
    relation: Array
    """R, the matrix of the relation, (rows, rows)."""
    person: Array
    """A, the matrix of the person, (rows, columns)."""
    people: Array
    """V, the matrices of all people, (people, rows, columns)."""
    product: Array
    """Z of equation 1, (rows, columns)."""
    x: Array
    """Equation 2, (people,)."""
    p: Array
    """Equation 3, (people,)."""
    answer: Array
    """How near each person is to an answer, (people,): see `Embedding.answers`."""
    target: Array
    """t of equation 4, (people,); all 0 if the facts have no answer."""
    objective: float
    """E of the case (equation 4)."""
    whole_objective: float
    """E of all training cases."""
    dE_dx: Array
    """Equation 5, (people,)."""
    dE_dproduct: Array
    """Equation 6, (rows, columns)."""
    dE_dcandidate: Array
    """Equation 7, (people, rows, columns)."""
    dE_drelation: Array
    """Equation 8, (rows, rows)."""
    dE_dperson: Array
    """Equation 9, (rows, columns)."""
    case_gradient: Weights
    """dE/dw of the case alone, as training computes it."""
    whole_gradient: Weights
    """dE/dw, summed over all training cases."""
    training_cases: int
    is_training_case: bool
    """Whether the case is one of the training cases."""

    @property
    def t(self) -> int:
        """The number of the explained sweep, from 1."""
        return self.after.sweep

    def of_layer(self, layer: str) -> tuple[Array, Array]:
        """The matrix of a layer for this question, and the derivative of E by it as equations 6, 8 and 9 have it."""
        return {
            "product": (self.product, self.dE_dproduct),
            "relation code": (self.relation, self.dE_drelation),
            "person code": (self.person, self.dE_dperson),
        }[layer]

    def place(self, unit: UnitPlace) -> tuple[int, int]:
        """The row and the column of a number, from 0."""
        return divmod(unit.place, self.learner.rows if unit.layer == "relation code" else self.learner.columns)

    def name(self, unit: UnitPlace) -> str:
        """The name of a unit with its layer, such as "person Colin" or "product 8 (row 2, column 2)"."""
        name = f"{unit.layer} {self.names[unit.layer][unit.place]}"
        if unit.layer not in ("product", *CODES):
            return name
        row, column = self.place(unit)
        return f"{name} (row {row + 1}, column {column + 1})" if self.learner.columns > 1 else name

    def weight(self, below: UnitPlace, above: UnitPlace) -> tuple[Connection, tuple[int, int, int]]:
        """Where a number of a person or of a relation stands among the weights.

        Raises:
            FamilyTreesError: the two units are no such pair.
        """
        connection = CODES.get(above.layer)
        if connection is None or connection.below != below.layer:
            raise FamilyTreesError(
                f"no weight leads from {self.name(below)} to {self.name(above)}; the weights of this model are the "
                f"numbers of people and relations, such as 'person {self.case.person}' 'person code 1' or "
                f"'relation {self.case.relation}' 'relation code 1'"
            )
        return connection, (0, below.place, above.place)


def moment_of_successor(model: Model, case: Case, sweep_number: int | None, *, changes: bool) -> SuccessorMoment:
    """The moment of a question to vectors or matrices, after `sweep_number` sweeps; by default, after all of them.

    Args:
        changes: whether the last change of each weight is needed, for equation 9 of Nature.

    Raises:
        FamilyTreesError: the model is no `Embedding`, or a variant that is only for comparison; or as for
            `moment_of_model`.
        AssertionError: the equations give other numbers than the training has.
    """
    learner, recipe, task = model.architecture, model.recipe, model.task
    if not isinstance(learner, Embedding) or learner.squashed or not learner.shared:
        raise FamilyTreesError(f"{learner}: this variant is only for comparison, and is not explained")
    state = model.state(recipe.sweeps if sweep_number is None else sweep_number, changes=changes)
    weights, size = state.weights, (learner.rows, learner.columns)
    one = Cases(
        task.inputs([case]),
        np.array([[float(name in task.answers.get(case, ())) for name in task.people]]),
        np.ones((1, 1)),
    )
    people = weights[PERSON][0].reshape(-1, *size)
    person = people[task.person_index[case.person]]
    relation = weights[RELATION][0, task.relation_index[case.relation]].reshape(learner.rows, learner.rows)
    product = relation @ person
    x = np.sum(2 * product * people - people**2, axis=(1, 2))
    p = softmax(x[None])[0]
    t = target(one.d, "softmax")[0]
    dE_dx = p - t if t.any() else np.zeros_like(p)
    dE_dproduct = 2 * np.tensordot(dE_dx, people, 1)
    found = SuccessorMoment(
        learner=learner,
        recipe=recipe,
        names={layer.name: tuple(str(k + 1) for k in range(layer.units)) for layer in learner.layers}
        | {"person": task.people, "relation": task.relations, "answer": task.people},
        case=case,
        state=state,
        after=sweep(learner, recipe, state, model.cases, model.orders),
        relation=relation,
        person=person,
        people=people,
        product=product,
        x=x,
        p=p,
        answer=learner.answers(weights, one.inputs)[0, 0],
        target=t,
        objective=_objective(learner, weights, one) if t.any() else 0.0,
        whole_objective=_objective(learner, weights, model.cases),
        dE_dx=dE_dx,
        dE_dproduct=dE_dproduct,
        dE_dcandidate=2 * dE_dx[:, None, None] * (product - people),
        dE_drelation=dE_dproduct @ person.T,
        dE_dperson=relation.T @ dE_dproduct,
        case_gradient=learner.gradient(weights, one) if t.any() else {c: np.zeros_like(w) for c, w in weights.items()},
        whole_gradient=learner.gradient(weights, model.cases),
        training_cases=int(np.sum(model.cases.training_mask)),
        is_training_case=case in task.answers and case not in model.held_out,
    )
    _check(found, task.person_index[case.person], task.relation_index[case.relation])
    return found


def _objective(learner: Embedding, weights: Weights, cases: Cases) -> float:
    """E of equation 4 over the training cases. `evaluate` has it not: answers are no probabilities."""
    parts = cases.parts()
    return sum(
        float(np.sum(case_errors(softmax(learner.scores(weights, each.inputs)), each, "softmax"))) for each in parts
    )


def _check(at: SuccessorMoment, person: int, relation: int) -> None:
    """See that the numbers are those of the training.

    Raises:
        AssertionError: they are not.
    """
    of_people = at.dE_dcandidate.copy()
    of_people[person] += at.dE_dperson
    of_relations = np.zeros_like(at.case_gradient[RELATION][0])
    of_relations[relation] = at.dE_drelation.reshape(-1)
    for connection, shown in ((PERSON, of_people.reshape(len(of_people), -1)), (RELATION, of_relations)):
        trained = at.case_gradient[connection][0]
        if not np.allclose(shown, trained, rtol=1e-6, atol=1e-9 * max(1.0, float(np.abs(trained).max()))):
            raise AssertionError(f"the equations give another gradient of {connection.above} than the training has")
