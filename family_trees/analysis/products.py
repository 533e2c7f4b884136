"""What the matrices of relations mean: whether their products compose, and whether they undo each other.

Brother of father is uncle: so the matrix of father, and then that of brother, should take a person to the uncles, as
the matrix of uncle does. Nobody trains a product of two matrices. Two relations may also lead to people that no
relation names: mother of father is grandmother.

Every measure stands beside chance: the same with the matrices of the relations shuffled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from family_trees.analysis.composition import SELF, Composition, Question, compositions
from family_trees.engine.embedding import PERSON, RELATION, Embedding
from family_trees.models.model import Model
from family_trees.support.errors import FamilyTreesError

SHUFFLES = 100
"""How often the relations are shuffled for the level of chance."""

MOST_QUESTIONS = 1000
"""Of more questions, so many are measured, at equal distances among all."""

FEW_SHUFFLES = 10
"""Shuffles where there are many people or relations."""


@dataclass(frozen=True)
class Ranking:
    """How well products of matrices find people, question by question."""

    questions: tuple[Question, ...]
    right: NDArray[np.bool_]
    """Whether the nearest people are exactly the answers, as many as there are: (questions,)."""
    rank: NDArray[np.float64]
    """The mean rank of the answers among the people who are no other answer, from 1: (questions,)."""
    right_by_chance: float
    """The mean share of right questions with the relations shuffled."""
    rank_by_chance: float
    chance_level: float
    """The share of right questions that 19 of 20 shuffles do not exceed."""

    @property
    def share(self) -> float:
        """The share of right questions."""
        return float(self.right.mean())


def ranking(model: Model, questions: Sequence[Question]) -> Ranking:
    """Where the answers stand among all people, by their distance to the product of two relations and the person.

    Raises:
        FamilyTreesError: the model has no matrices of relations.
        ValueError: there are no questions.
    """
    if not questions:
        raise ValueError("no questions to rank")
    asked = [questions[k] for k in sorted({int(k) for k in np.linspace(0, len(questions) - 1, MOST_QUESTIONS)})]
    space, place = _space_of(model), model.task.person_index
    of_relation = model.task.relation_index
    people = np.array([place[each.person] for each in asked])
    first, second = (
        np.array([of_relation[name] for name in names]) for names in zip(*(each[1:3] for each in asked), strict=True)
    )
    answers = np.zeros((len(asked), len(place)), dtype=bool)
    for row, each in zip(answers, asked, strict=True):
        row[[place[name] for name in each.answers]] = True
    right, rank = _ranked(space, people, first, second, answers)
    rng = np.random.default_rng(0)
    shuffled = [
        rng.permutation(len(of_relation)) for _ in range(SHUFFLES if len(asked) * len(place) < 10**5 else FEW_SHUFFLES)
    ]
    by_chance = [_ranked(space, people, order[first], order[second], answers) for order in shuffled]
    shares = [float(each.mean()) for each, _ in by_chance]
    return Ranking(
        tuple(asked),
        right,
        rank,
        float(np.mean(shares)),
        float(np.mean([each.mean() for _, each in by_chance])),
        float(np.quantile(shares, 0.95)),
    )


class _Space(NamedTuple):
    """The matrices of a model: (people, rows, columns) and (relations, rows, rows)."""

    people: NDArray[np.float64]
    relations: NDArray[np.float64]


def _space_of(model: Model) -> _Space:
    learner = model.architecture
    if not isinstance(learner, Embedding) or learner.squashed or not learner.shared:
        raise FamilyTreesError(
            "the relations of a layered network are no matrices; 'family-trees train --learner matrices' makes some"
        )
    return _Space(
        model.weights[PERSON][0].reshape(-1, learner.rows, learner.columns),
        model.weights[RELATION][0].reshape(-1, learner.rows, learner.rows),
    )


def _ranked(
    space: _Space,
    people: NDArray[np.int64],
    first: NDArray[np.int64],
    second: NDArray[np.int64],
    answers: NDArray[np.bool_],
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Whether each question is right, and the mean rank of its answers, (questions,) each."""
    z = space.relations[second] @ (space.relations[first] @ space.people[people])
    flat = space.people.reshape(len(space.people), -1)
    x = 2 * z.reshape(len(z), -1) @ flat.T - np.sum(flat**2, axis=1)  # equation 2: the larger, the nearer
    k = answers.sum(axis=1)
    order = np.argsort(-x, axis=1, kind="stable")
    place = np.empty_like(order)
    np.put_along_axis(place, order, np.broadcast_to(np.arange(order.shape[1]), order.shape), axis=1)
    last = np.where(answers, place, -1).max(axis=1)
    before = np.cumsum(np.take_along_axis(~answers, order, axis=1), axis=1)  # people who are no answer, up to each
    ranks = 1 + np.take_along_axis(before, place, axis=1)
    return last < k, np.asarray((ranks * answers).sum(axis=1) / k)


class Named(NamedTuple):
    """Which single relation a product of two comes nearest to."""

    composition: Composition
    nearest: str
    """The relation, or `SELF`, that takes the people of the composition nearest to where the product takes them."""
    rank: int
    """The rank of the right one among all relations and `SELF`, from 1."""


class Naming(NamedTuple):
    """Which single relations the products come nearest to, and by chance."""

    named: tuple[Named, ...]
    right_by_chance: float
    """The mean share of right names with the relations of the product shuffled."""
    chance_level: float
    """The share of right names that 19 of 20 shuffles do not exceed."""

    @property
    def right(self) -> int:
        """How many compositions are nearest to the right relation."""
        return sum(each.rank == 1 for each in self.named)


def naming(model: Model, found: Sequence[Composition]) -> Naming:
    """The relation that each product of two comes nearest to, on the people of the composition alone.

    Only compositions that a relation names, or that lead back, count.

    Raises:
        FamilyTreesError: the model has no matrices of relations.
        ValueError: no composition has a name.
    """
    space, task = _space_of(model), model.task
    named = [each for each in found if each.result]
    if not named:
        raise ValueError("no composition is named")
    names = [*task.relations, SELF]
    single = np.concatenate([space.relations, np.eye(space.relations.shape[1])[None]])
    people = [np.array([task.person_index[q.person] for q in each.questions]) for each in named]
    pairs = [(task.relation_index[each.first], task.relation_index[each.second]) for each in named]
    right = np.array([names.index(each.result) for each in named])

    def distances(order: NDArray[np.int64]) -> NDArray[np.float64]:
        """From each product to each single relation, (compositions, relations and `SELF`)."""
        rows = []
        for members, (first, second) in zip(people, pairs, strict=True):
            chosen = members[np.linspace(0, len(members) - 1, min(len(members), 50)).astype(int)]
            a = space.people[chosen]
            z = space.relations[order[second]] @ (space.relations[order[first]] @ a)
            rows.append([float(np.sum((z - each @ a) ** 2)) for each in single])
        return np.array(rows)

    straight = distances(np.arange(len(task.relations)))
    ranks = 1 + np.sum(straight < straight[np.arange(len(named)), right][:, None], axis=1)
    rng = np.random.default_rng(0)
    times = SHUFFLES if len(named) < 200 else FEW_SHUFFLES
    shares = [
        float(np.mean(distances(rng.permutation(len(task.relations))).argmin(axis=1) == right)) for _ in range(times)
    ]
    return Naming(
        tuple(
            Named(each, names[int(row.argmin())], int(rank))
            for each, row, rank in zip(named, straight, ranks, strict=True)
        ),
        float(np.mean(shares)),
        float(np.quantile(shares, 0.95)),
    )


class Return(NamedTuple):
    """Whether a relation is undone by its inverse, such as father by son."""

    relation: str
    inverse: str
    people: int
    """The number of people to whom this applies: the inverse leads back to them alone."""
    met: float
    """The share of these people who are the nearest to where the product takes them."""
    cosine: float
    """The mean cosine of the angle between a person and the product: 1 for the same direction."""
    cosine_by_chance: float
    """The same with the relations shuffled."""
    growth: float
    """The mean length of the product over that of the person."""


def returns(model: Model) -> tuple[Return, ...]:
    """Whether each relation and then its inverse lead back, on the people to whom they apply.

    A father with two sons is not led back to one of them; only people to whom the facts lead alone count.

    Raises:
        FamilyTreesError: the model has no matrices of relations.
    """
    space, task = _space_of(model), model.task
    rng = np.random.default_rng(0)
    shuffled = [rng.permutation(len(task.relations)) for _ in range(SHUFFLES)]
    flat = space.people.reshape(len(space.people), -1)
    found = []
    pairs = {(each.first, each.second): each for each in compositions(task)}
    for relation, inverses in zip(task.relations, task.inverses, strict=True):
        for inverse in (task.relations[k] for k in inverses):
            questions = pairs[relation, inverse].questions if (relation, inverse) in pairs else ()
            back = [task.person_index[each.person] for each in questions if each.answers == (each.person,)]
            back = back[:MOST_QUESTIONS]
            if not back:
                continue
            a = flat[back]
            first, second = task.relation_index[relation], task.relation_index[inverse]
            z = _product(space, back, first, second)
            nearest = (2 * z @ flat.T - np.sum(flat**2, axis=1)).argmax(axis=1)
            by_chance = [_cosine(a, _product(space, back, order[first], order[second])) for order in shuffled]
            found.append(
                Return(
                    relation,
                    inverse,
                    len(back),
                    float(np.mean(nearest == back)),
                    _cosine(a, z),
                    float(np.mean(by_chance)),
                    float(np.mean(np.linalg.norm(z, axis=1) / np.linalg.norm(a, axis=1))),
                )
            )
    return tuple(found)


def _product(space: _Space, people: Sequence[int], first: int, second: int) -> NDArray[np.float64]:
    """Where two relations take people, (people, numbers)."""
    z = space.relations[second] @ (space.relations[first] @ space.people[people])
    return np.asarray(z.reshape(len(z), -1))


def _cosine(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """The mean cosine of the angles between rows."""
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    return float(np.mean(np.sum(one * other, axis=1) / np.maximum(lengths, np.finfo(np.float64).tiny)))
