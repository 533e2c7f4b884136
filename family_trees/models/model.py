"""A trained network with its vocabulary: what it answers, which cases it has right, and how it learned.

`saved` writes it to a model file and reads it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from family_trees.engine.arithmetic import VERSION as ARITHMETIC
from family_trees.engine.arrays import Array
from family_trees.engine.cases import Cases
from family_trees.engine.embedding import Embedding
from family_trees.engine.fingerprint import fingerprints
from family_trees.engine.network import Activities, Architecture, Weights
from family_trees.engine.recipe import Recipe
from family_trees.families.task import Case, Task, cases_for
from family_trees.families.words import OF_FAMILIES, Words
from family_trees.models.history import Curve, Trajectory, trajectory_sweeps
from family_trees.models.randomness import case_orders
from family_trees.models.successors import learner_name
from family_trees.support.content import same_content
from family_trees.support.errors import FamilyTreesError
from family_trees.support.html import html_table
from family_trees.version import VERSION

if TYPE_CHECKING:
    from family_trees.engine.cases import Orders
    from family_trees.engine.descent import State
    from family_trees.engine.learner import LayeredLearner


class Activity(NamedTuple):
    """A person and how active the person's output unit is, between 0 and 1."""

    person: str
    activity: float
    """Of vectors and matrices: the square root of the person's probability, as a share of the largest one."""


@dataclass(frozen=True, repr=False)
class Answer:
    """The answer of a network to a question, and the right answers."""

    case: Case
    ranking: tuple[Activity, ...]
    """All people, the most active first."""
    held_out: bool
    """Whether this case was held out, so that the network was not trained on it."""
    facts: tuple[str, ...]
    """The right answers; empty if the facts have none."""
    words: Words = OF_FAMILIES
    """The words for what was asked about: people, or other entities."""
    probabilities: tuple[float, ...] | None = None
    """P_j of `engine.embedding` for each person of the ranking. They sum to 1. None for the network of 1986."""

    def __repr__(self) -> str:
        named = (
            ", ".join(f"{name} {number:.2f}" for name, number in self.shown[: min(8, len(self.answers))])
            or f"{self.words.nobody} above 0.5"
        )
        verdict = "right" if self.right else f"the facts say {', '.join(self.facts[:8])}" if self.facts else "no facts"
        return f"Answer({self.question}: {named}; {verdict})"

    def _repr_html_(self) -> str:
        """HTML for notebooks: at least the five people who come first, and which of them are answers."""
        named, answers = "above 0.5" if self.measure == "activity" else "an answer", len(self.answers)
        rows = [
            (name, f"{number:.3f}", named if rank < answers else "")
            for rank, (name, number) in enumerate(self.shown[: max(5, answers)])
        ]
        return html_table(f"{self.question} ?", rows, (self.words.one, self.measure, ""))

    @property
    def measure(self) -> Literal["activity", "probability"]:
        """What the numbers of `shown` are."""
        return "activity" if self.probabilities is None else "probability"

    @property
    def shown(self) -> tuple[tuple[str, float], ...]:
        """The ranking as texts show it: each person with the probability, if there is one, else with the activity."""
        if self.probabilities is None:
            return self.ranking
        return tuple((each.person, p) for each, p in zip(self.ranking, self.probabilities, strict=True))

    @property
    def question(self) -> str:
        """The question as texts have it: "Colin has-aunt", but "Peru capital"."""
        return f"{self.case.person} {self.words.has}{self.case.relation}"

    @property
    def answers(self) -> tuple[Activity, ...]:
        """The people whose output units are above 0.5, the most active first.

        For vectors and matrices, these are the people with more than a quarter of the largest probability.
        """
        return tuple(each for each in self.ranking if each.activity > 0.5)

    @property
    def right(self) -> bool:
        """Whether the units of the right answers, and no others, are above 0.5."""
        return {each.person for each in self.answers} == set(self.facts)


@dataclass(frozen=True, eq=False, repr=False)
class Model:
    """One trained network. All its arrays have a network axis of length 1."""

    task: Task
    architecture: LayeredLearner
    """The network of 1986, or a successor of it."""
    recipe: Recipe
    seed: int
    number: int
    """Which network of the seed this is."""
    held_out: tuple[Case, ...]
    """The cases that were held out of its training."""
    weights: Weights
    """Per connection, (1, units below, units above)."""
    curve: Curve
    version: str = VERSION
    """The version of this package that trained it."""
    trajectory: Trajectory | None = None
    """Its course of learning. None if it was not kept, as for large networks and in files of earlier versions."""
    arithmetic: int | None = ARITHMETIC
    """The version of the arithmetic that trained it. None for files of earlier versions, whose last bits depended on
    the processor."""

    def __post_init__(self) -> None:
        """Check that the course of learning ends with these weights.

        Raises:
            FamilyTreesError: it ends with others.
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
            f"sweeps:\n  {self._right_of(self.training_cases)} training cases right, {self._right_of(self.held_out)} "
            "held-out cases right)"
        )

    def __eq__(self, other: object) -> bool:
        return same_content(self, other)

    __hash__ = None  # type: ignore[assignment]

    def _repr_html_(self) -> str:
        """HTML for notebooks: recipe, layers, sweeps and right cases."""
        layers = ", ".join(f"{layer.name} {layer.units}" for layer in self.architecture.layers)
        rows = [
            ("recipe", self.recipe.name),
            ("seed and number", f"{self.seed}, {self.number}"),
            ("sweeps", f"{self.recipe.sweeps:,}"),
            ("layers", layers),
            ("training cases right", self._right_of(self.training_cases)),
            ("held-out cases right", self._right_of(self.held_out)),
            ("fingerprint", self.fingerprint),
            ("held out", ", ".join(map(str, self.held_out[:8])) + (" ..." if len(self.held_out) > 8 else "")),
        ]
        return html_table(
            "A trained network" if isinstance(self.architecture, Architecture) else "A trained model", rows
        )

    def _right_of(self, cases: Sequence[Case]) -> str:
        """How many of the cases are right, as "98 of 100"."""
        return f"{sum(self.right[case] for case in cases):,} of {len(cases):,}"

    def ask(self, person: str, relation: str) -> Answer:
        """The answer of the network to "`person` has-`relation` ?", in any spelling that `Task` understands.

        Raises:
            FamilyTreesError: the person or the relation is unknown; suggests the nearest.
        """
        case = Case(self.task.find_person(person), self.task.find_relation(relation))
        output = self.activities(case)[self.architecture.output.name][0, 0]
        order = np.argsort(-output, kind="stable")
        probabilities = self._probabilities(case)
        return Answer(
            case,
            tuple(Activity(self.task.people[k], float(output[k])) for k in order),
            case in self.held_out,
            self.task.answers.get(case, ()),
            self.task.words,
            None if probabilities is None else tuple(float(probabilities[k]) for k in order),
        )

    def _probabilities(self, case: Case) -> Array | None:
        """The probability of each person, (people,), by vectors and matrices; None for the network of 1986."""
        if not isinstance(self.architecture, Embedding):
            return None
        with np.errstate(over="ignore", invalid="ignore"):
            found: Array = self.architecture.probabilities(self.weights, self.task.inputs([case]))[0, 0]
        return found

    def activities(self, *cases: Case) -> Activities:
        """The activity of every unit for the given cases (default: all): per layer, (1, cases, units).

        Input layers are (cases, units).
        """
        # After absurd steps weights may be huge. Units are then on or off, or have no activity (NaN).
        with np.errstate(over="ignore", invalid="ignore"):
            return self.architecture.activities(self.weights, self.task.inputs(cases or None))

    @property
    def network(self) -> Architecture:
        """The layered network that this model is.

        Raises:
            FamilyTreesError: it is a successor, and what asks needs units in layers.
        """
        if not isinstance(self.architecture, Architecture):
            raise FamilyTreesError(
                f"this is for networks of 1986, and this model is of {learner_name(self.architecture)}; 'family-trees "
                "explain', 'analyse' and 'figures' look into it, and 'train --learner network' makes a network"
            )
        return self.architecture

    @cached_property
    def right(self) -> dict[Case, bool]:
        """For each case of the task, whether the network has it right."""
        from family_trees.engine.evaluation import evaluate  # imported here, so that asking a model starts faster

        with np.errstate(over="ignore", invalid="ignore"):
            (is_right,) = evaluate(self.architecture, self.weights, self.cases).right
        return dict(zip(self.task.cases, map(bool, is_right), strict=True))

    @cached_property
    def cases(self) -> Cases:
        """All cases of the task, with the mask of those that trained the network."""
        return cases_for(self.task, [self.held_out])

    @cached_property
    def fingerprint(self) -> str:
        """The fingerprint of the weights: see `engine.fingerprint`."""
        return fingerprints(self.weights)[0]

    @property
    def training_cases(self) -> tuple[Case, ...]:
        """The cases that the network was trained on."""
        held_out = {*self.held_out}
        return tuple(case for case in self.task.cases if case not in held_out)

    @property
    def orders(self) -> Orders:
        """The order of the training cases in each sweep, for recipes with batches."""
        return case_orders(self.seed, (self.number,), self.cases.training_mask)

    def state(self, sweeps: int, *, changes: bool = True) -> State:
        """The state of the network after `sweeps` sweeps of its training: the weights, and their last changes.

        At a recorded moment, this is the recorded state. Between two moments, the training is repeated from the earlier
        one.

        Args:
            changes: whether the last changes are needed. If not, the state after the last sweep needs no course of
                learning, and has changes of 0.

        Raises:
            FamilyTreesError: there is no such sweep, or the model keeps no course of learning.
        """
        from family_trees.engine.descent import descend, initial_state  # imported here for the same reason

        last = self.recipe.sweeps
        if not 0 <= sweeps <= last:
            raise FamilyTreesError(f"sweep {sweeps}: this network was trained for {last} sweeps; give 0 to {last}")
        if sweeps == last and not changes:
            return replace(initial_state(self.weights), sweep=last)
        if self.trajectory is None:
            too_large = not trajectory_sweeps(self.architecture, self.recipe)
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
