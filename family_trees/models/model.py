"""A trained network with its vocabulary: ask it, save it, load it, look at how it learned.

A model file is one `.npz` of plain arrays, without pickled objects: the weights, the learning curve, the course of
learning of small networks, and, as JSON, everything that the network was made of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from family_trees.engine.arrays import Precision
from family_trees.engine.cases import Cases
from family_trees.engine.network import Activities, Architecture, Weights, forward
from family_trees.engine.recipe import Recipe
from family_trees.families.task import Case, Task, cases_for
from family_trees.models.history import Curve, Trajectory, trajectory_sweeps
from family_trees.models.randomness import case_orders
from family_trees.support.content import same_content
from family_trees.support.errors import FamilyTreesError
from family_trees.support.html import html_table
from family_trees.version import VERSION

if TYPE_CHECKING:
    from family_trees.engine.cases import Orders
    from family_trees.engine.descent import State


class Activity(NamedTuple):
    """A person and how active the person's output unit is, between 0 and 1."""

    person: str
    activity: float


@dataclass(frozen=True, repr=False)
class Answer:
    """What a network says to a question, and what the trees say."""

    case: Case
    ranking: tuple[Activity, ...]
    """Everybody, the most active first."""
    held_out: bool
    """Whether the network was never shown this case in training."""
    facts: tuple[str, ...]
    """The right answers; empty where the trees hold none."""

    def __repr__(self) -> str:
        named = ", ".join(f"{each.person} {each.activity:.2f}" for each in self.answers[:8]) or "nobody above 0.5"
        verdict = "right" if self.right else f"the facts say {', '.join(self.facts[:8])}" if self.facts else "no facts"
        return f"Answer({self.case.person} has-{self.case.relation}: {named}; {verdict})"

    def _repr_html_(self) -> str:
        """As a notebook shows it: who is above 0.5, and the five most active people."""
        rows = [
            (each.person, f"{each.activity:.3f}", "above 0.5" if each in self.answers else "")
            for each in self.ranking[: max(5, len(self.answers))]
        ]
        return html_table(f"{self.case.person} has-{self.case.relation} ?", rows, ("person", "activity", ""))

    @property
    def answers(self) -> tuple[Activity, ...]:
        """The output units above 0.5, the most active first."""
        return tuple(each for each in self.ranking if each.activity > 0.5)

    @property
    def right(self) -> bool:
        """Whether the right units, and no others, are above 0.5."""
        return {each.person for each in self.answers} == set(self.facts)


@dataclass(frozen=True, eq=False, repr=False)
class Model:
    """One trained network; all its arrays have a network axis of length 1."""

    task: Task
    architecture: Architecture
    recipe: Recipe
    precision: Precision
    seed: int
    number: int
    """Which network of the seed this is."""
    held_out: tuple[Case, ...]
    """The cases that it was not trained on."""
    weights: Weights
    """Per connection, (1, units below, units above)."""
    curve: Curve
    version: str = VERSION
    """The version of this package that trained it."""
    trajectory: Trajectory | None = None
    """Its course of learning; none where it was not kept, as of large networks and in files of earlier versions."""

    def __post_init__(self) -> None:
        """See that the course of learning ends with these weights.

        Raises:
            FamilyTreesError: it does not.
        """
        if self.trajectory is None:
            return
        for connection, w in self.weights.items():
            if not np.array_equal(self.trajectory.weights[connection][-1:], w):
                raise FamilyTreesError(
                    f"the course of learning ends with other weights {connection} than the model has; "
                    "a model with changed weights is made with trajectory=None"
                )

    def __repr__(self) -> str:
        return (
            f"Model(network {self.number} of seed {self.seed}, recipe {self.recipe.name!r}, {self.recipe.sweeps:,} "
            f"sweeps:\n  {self._told(self.training_cases)} training cases right, {self._told(self.held_out)} held-out "
            "cases right)"
        )

    def __eq__(self, other: object) -> bool:
        return same_content(self, other)

    __hash__ = None  # type: ignore[assignment]

    def _repr_html_(self) -> str:
        """As a notebook shows it."""
        layers = ", ".join(f"{layer.name} {layer.units}" for layer in self.architecture.layers)
        rows = [
            ("recipe", self.recipe.name),
            ("seed and number", f"{self.seed}, {self.number}"),
            ("sweeps", f"{self.recipe.sweeps:,}"),
            ("layers", layers),
            ("training cases right", self._told(self.training_cases)),
            ("held-out cases right", self._told(self.held_out)),
            ("held out", ", ".join(map(str, self.held_out[:8])) + (" ..." if len(self.held_out) > 8 else "")),
        ]
        return html_table("A trained network", rows)

    def _told(self, cases: Sequence[Case]) -> str:
        """How many of some cases are right."""
        return f"{sum(self.right[case] for case in cases):,} of {len(cases):,}"

    def ask(self, person: str, relation: str) -> Answer:
        """What the network answers to "`person` has-`relation` ?", for any spelling that `Task.find_case` takes.

        Raises:
            FamilyTreesError: a person or a relation that is not known; suggests the nearest.
        """
        case = Case(self.task.find_person(person), self.task.find_relation(relation))
        output = self.activities(case)[self.architecture.output.name][0, 0]
        order = np.argsort(-output, kind="stable")
        return Answer(
            case,
            tuple(Activity(self.task.people[k], float(output[k])) for k in order),
            case in self.held_out,
            self.task.answers.get(case, ()),
        )

    def activities(self, *cases: Case) -> Activities:
        """The activity of every unit for the given cases (default: all): per layer, (1, cases, units).

        Input layers are (cases, units).
        """
        with np.errstate(over="ignore"):  # weights may be huge, after absurd steps: the units are then on or off
            return forward(self.architecture, self.weights, self.task.inputs(cases or None, self.precision))

    @cached_property
    def right(self) -> dict[Case, bool]:
        """Whether each case of the task is answered right."""
        from family_trees.engine.evaluation import evaluate  # a model that is only asked does not wait for it

        with np.errstate(over="ignore"):
            (is_right,) = evaluate(self.architecture, self.weights, self.cases).right
        return dict(zip(self.task.cases, map(bool, is_right), strict=True))

    @cached_property
    def cases(self) -> Cases:
        """All cases of the task, and which of them trained it."""
        return cases_for(self.task, [self.held_out], self.precision)

    @property
    def training_cases(self) -> tuple[Case, ...]:
        """The cases that it was trained on."""
        held_out = {*self.held_out}
        return tuple(case for case in self.task.cases if case not in held_out)

    @property
    def orders(self) -> Orders:
        """The order of its training cases in each sweep, for recipes with batches."""
        return case_orders(self.seed, (self.number,), self.cases.training_mask)

    def state(self, sweeps: int, *, changes: bool = True) -> State:
        """The network after so many sweeps of its training: the weights, and the last change of each.

        A moment that the course of learning holds is given as it was recorded. For a sweep between two of them, the
        training goes on from the one before, so that another kind of processor changes the last digits only.

        Args:
            changes: whether the last changes are wanted. If not, the last state is known without a course of learning,
                and is given with changes of 0.

        Raises:
            FamilyTreesError: no such sweep, or the model keeps no course of learning.
        """
        from family_trees.engine.descent import descend, initial_state  # likewise

        last = self.recipe.sweeps
        if not 0 <= sweeps <= last:
            raise FamilyTreesError(f"sweep {sweeps}: this network was trained for {last} sweeps; give 0 to {last}")
        if sweeps == last and not changes:
            return replace(initial_state(self.weights), sweep=last)
        if self.trajectory is None:
            too_large = not trajectory_sweeps(self.architecture, self.recipe, self.precision)
            why = (
                "as it is too large"
                if too_large
                else "as it was made without one; 'family-trees train' makes models that do"
            )
            raise FamilyTreesError(
                f"this model keeps no course of learning, {why}. --sweep and --weight need one; without them its units "
                "are explained as they are after the last sweep"
            )
        recorded = self.trajectory.before(sweeps)
        onward = descend(self.architecture, self.recipe, recorded, self.cases, self.orders, looks=(sweeps,))
        with np.errstate(over="ignore", invalid="ignore"):
            return next(onward)
