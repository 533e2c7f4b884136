"""A second reading of "Vectors and matrices" in `family_trees/engine/ARITHMETIC.md`, as plain Python without an array.

Like `plain_arithmetic.py`, it is written from that page alone and shares no code with the engines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from plain_arithmetic import Matrix, activity, case_order, exp, in_tree, slope, softmax

from family_trees.engine.recipe import Recipe


@dataclass(frozen=True)
class Question:
    """What a learner is asked, and the people who are the right answers."""

    person: int
    relation: int
    answers: frozenset[int]
    is_training_case: bool = True


@dataclass(frozen=True)
class Shape:
    """Rows and columns of a person's matrix, and the comparison variants."""

    rows: int
    columns: int
    shared: bool = True
    squashed: bool = False


@dataclass(frozen=True)
class Numbers:
    """The weights, the changes of the weights, or the gradient: a row for each person or relation."""

    people: Matrix
    relations: Matrix
    answers: Matrix
    """Empty if people have the same matrices as answers."""


@dataclass(frozen=True)
class Answered:
    """What equations 1 to 3 give for a case."""

    z: list[float]
    x: list[float]
    p: list[float]


def answer(shape: Shape, w: Numbers, case: Question) -> Answered:
    """The forward pass of a case."""
    r, s = shape.rows, shape.columns
    relation, person = w.relations[case.relation], w.people[case.person]
    z = []
    for k in range(r):
        for c in range(s):
            total = relation[k * r] * person[c]
            for i in range(1, r):
                total = total + relation[k * r + i] * person[i * s + c]
            z.append(activity("tanh", total) if shape.squashed else total)
    x = []
    for v in w.people if shape.shared else w.answers:
        n = v[0] * v[0]
        for f in range(1, r * s):
            n = n + v[f] * v[f]
        total = -n
        for f in range(r * s):
            total = total + z[f] * (2 * v[f])
        x.append(total)
    return Answered(z, x, softmax(x))


def nearness(x: Sequence[float]) -> list[float]:
    """The answer of the learner for each person."""
    return [exp(0.5 * (each - max(x))) for each in x]


def gradient(shape: Shape, w: Numbers, cases: Sequence[Question]) -> Numbers:
    """The gradient of equation 4, summed over the cases."""
    r, s = shape.rows, shape.columns
    candidates = w.people if shape.shared else w.answers

    def partial(rows: int, numbers: int) -> list[list[list[float]]]:
        return [[[0.0] * 8 for _ in range(numbers)] for _ in range(rows)]

    s1, s0 = partial(len(candidates), r * s), partial(len(candidates), 1)
    asked, of_relations = partial(len(w.people), r * s), partial(len(w.relations), r * r)
    for number, case in enumerate(cases):
        if not case.is_training_case:
            continue
        k8 = number % 8
        found = answer(shape, w, case)
        t = [1 / len(case.answers) if j in case.answers else 0.0 for j in range(len(candidates))]
        dx = [p - each for p, each in zip(found.p, t, strict=True)]
        dz = []
        for f in range(r * s):
            total = 0.0
            for j, v in enumerate(candidates):
                total = total + dx[j] * (2 * v[f])
            dz.append(total * slope("tanh", found.z[f]) if shape.squashed else total)
        for j, each in enumerate(dx):
            s0[j][0][k8] = s0[j][0][k8] + each
            for f in range(r * s):
                s1[j][f][k8] = s1[j][f][k8] + each * found.z[f]
        person, relation = w.people[case.person], w.relations[case.relation]
        for k in range(r):
            for i in range(r):
                total = dz[k * s] * person[i * s]
                for c in range(1, s):
                    total = total + dz[k * s + c] * person[i * s + c]
                to = of_relations[case.relation][k * r + i]
                to[k8] = to[k8] + total
        for i in range(r):
            for c in range(s):
                total = relation[i] * dz[c]
                for k in range(1, r):
                    total = total + relation[k * r + i] * dz[k * s + c]
                to = asked[case.person][i * s + c]
                to[k8] = to[k8] + total

    def summed(sums: list[list[list[float]]]) -> Matrix:
        return [[in_tree(p) for p in row] for row in sums]

    lengths = summed(s0)
    of_answers = [
        [2 * (sums[f] - v[f] * lengths[j][0]) for f in range(r * s)]
        for j, (v, sums) in enumerate(zip(candidates, summed(s1), strict=True))
    ]
    of_people = summed(asked)
    if not shape.shared:
        return Numbers(of_people, summed(of_relations), of_answers)
    both = [[a + b for a, b in zip(*rows, strict=True)] for rows in zip(of_answers, of_people, strict=True)]
    return Numbers(both, summed(of_relations), [])


def train(
    shape: Shape, recipe: Recipe, cases: Sequence[Question], w: Numbers, *, sweeps: int, seed: int = 0, number: int = 0
) -> Numbers:
    """The weights after a number of sweeps. `seed` and `number` are those of the orders."""
    change = Numbers(*([[0.0] * len(row) for row in rows] for rows in (w.people, w.relations, w.answers)))
    training_places = [place for place, case in enumerate(cases) if case.is_training_case]
    for sweep in range(1, sweeps + 1):
        batches = [list(cases)]
        if recipe.batch:
            order = case_order(training_places, seed, number, sweep)
            starts = range(0, len(order), recipe.batch)
            batches = [[cases[place] for place in order[start : start + recipe.batch]] for start in starts]
        for batch in batches:
            g, n = gradient(shape, w, batch), sum(case.is_training_case for case in batch)
            pairs = [
                _changed(recipe, sweep, n, *matrices)
                for matrices in (
                    (w.people, g.people, change.people),
                    (w.relations, g.relations, change.relations),
                    (w.answers, g.answers, change.answers),
                )
            ]
            w, change = Numbers(*(new for new, _ in pairs)), Numbers(*(made for _, made in pairs))
    return w


def _changed(
    recipe: Recipe, sweep: int, n: int, weights: Matrix, gradient: Matrix, before: Matrix
) -> tuple[Matrix, Matrix]:
    """Steps 4 to 6 of a sweep for one kind of matrices: the weights, and the change."""
    phase = 0 if sweep <= recipe.first_phase else 1
    epsilon, alpha = recipe.epsilon[phase], recipe.alpha[phase]
    if recipe.fan_in:
        epsilon = epsilon / len(weights) if weights else epsilon
    new_w: Matrix = []
    changes: Matrix = []
    for w_row, g_row, c_row in zip(weights, gradient, before, strict=True):
        gs = [each / n for each in g_row] if recipe.averaged else g_row
        cs = [alpha * c - epsilon * g for c, g in zip(c_row, gs, strict=True)]
        ws = [each + c for each, c in zip(w_row, cs, strict=True)]
        new_w.append([each * (1 - recipe.decay) for each in ws] if sweep >= recipe.decay_from else ws)
        changes.append(cs)
    return new_w, changes
