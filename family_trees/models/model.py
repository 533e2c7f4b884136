"""A trained network with its vocabulary: ask it, save it, load it, train it again.

A model file is one `.npz` of plain arrays, without pickled objects: the weights, the learning curve, and, as JSON,
everything that the network was made of.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from family_trees.engine.arrays import Precision
from family_trees.engine.cases import Cases
from family_trees.engine.network import Activities, Architecture, Weights, forward
from family_trees.engine.recipe import Recipe
from family_trees.families.task import Case, Task, cases_for
from family_trees.models.history import Curve
from family_trees.version import VERSION

if TYPE_CHECKING:  # a model that is only asked does not wait for the modules that train
    from family_trees.models.training import Course, Trained


class Activity(NamedTuple):
    """A person and how active the person's output unit is, between 0 and 1."""

    person: str
    activity: float


@dataclass(frozen=True)
class Answer:
    """What a network says to a question, and what the trees say."""

    case: Case
    ranking: tuple[Activity, ...]
    """Everybody, the most active first."""
    held_out: bool
    """Whether the network was never shown this case in training."""
    facts: tuple[str, ...]
    """The right answers; empty where the trees hold none."""

    @property
    def answers(self) -> tuple[Activity, ...]:
        """The output units above 0.5, the most active first."""
        return tuple(each for each in self.ranking if each.activity > 0.5)

    @property
    def right(self) -> bool:
        """Whether the right units, and no others, are above 0.5."""
        return {each.person for each in self.answers} == set(self.facts)


@dataclass(frozen=True)
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
        from family_trees.engine.evaluation import evaluate

        with np.errstate(over="ignore"):
            _, (is_right,) = evaluate(self.architecture, self.weights, self.cases)
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

    def course(self) -> Course:
        """Its training from the start, sweep by sweep, from the recipe, split and seed kept here."""
        from family_trees.models.training import course

        return course(
            self.task,
            self.recipe,
            seed=self.seed,
            number=self.number,
            held_out=self.held_out,
            architecture=self.architecture,
            precision=self.precision,
        )

    def has(self, weights: Weights) -> bool:
        """Whether its weights are these, but for what another kind of processor may round differently."""
        return all(np.allclose(weights[c], w, rtol=1e-4, atol=1e-6) for c, w in self.weights.items())

    def train_again(self) -> Trained:
        """Train the same network from the recipe, split and seed kept here: it gets the same weights."""
        from family_trees.models.training import train

        return train(
            self.task,
            self.recipe,
            seed=self.seed,
            first=self.number,
            held_out=self.held_out,
            architecture=self.architecture,
            precision=self.precision,
        )


def pick(trained: Trained, place: int) -> Model:
    """The model of one of the trained networks, by its place in their arrays."""
    one = slice(place, place + 1)
    return Model(
        trained.task,
        trained.architecture,
        trained.recipe,
        trained.precision,
        trained.seed,
        trained.numbers[place],
        trained.held_out[place],
        {connection: w[one] for connection, w in trained.weights.items()},
        Curve(
            trained.curve.sweep,
            trained.curve.error[one],
            trained.curve.training_right[one],
            trained.curve.held_out_right[one],
        ),
    )
