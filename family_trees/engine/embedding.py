"""The successors of the network of 1986, by its author: people are vectors or matrices, relations are matrices.

- *Linear relational embedding*: A. Paccanaro and G. E. Hinton, IEEE Transactions on Knowledge and Data Engineering 13
  (2001). A person is a vector. To ask is to multiply: R a should be nearest to the right person.
- *Matrix relational embedding*: I. Sutskever and G. E. Hinton, NIPS 2008. A person is a matrix, too.

Both are one learner here, since a vector is a matrix of one column. The numbers of the equations are those of this
module:

    (1)  Z = R A                          the product of the relation's matrix R and the person's matrix A
    (2)  x_j = 2 Z . V_j - |V_j|^2        V_j is the matrix of person j, and . sums over all elements
    (3)  P_j = exp(x_j) / sum_k exp(x_k)  the probability of person j
    (4)  E = - sum_c sum_j t_jc ln P_jc   t_j is 1/k for each of the k right answers, else 0

`|Z|^2 - x_j` is the squared distance between Z and V_j, and `|Z|^2` is the same for all j. So (3) is the softmax of
minus the squared distances, as in both papers. The backward pass:

    (5)  dE/dx_j = P_j - t_j
    (6)  dE/dZ = 2 sum_j dE/dx_j V_j
    (7)  dE/dV_j = 2 sum_c dE/dx_jc (Z_c - V_j)     person j as a candidate for an answer
    (8)  dE/dR = dE/dZ A^T                          summed over the cases of this relation
    (9)  dE/dA = R^T dE/dZ                          summed over the cases of this person

A person's matrix changes by the sum of (7) and (9). The weights change by equation 9 of Nature, like those of 1986, and
decay like those: that is the penalty on squared weights of both papers.

The order of every sum is fixed (`ARITHMETIC.md`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from family_trees.engine.arithmetic import (
    PARTIAL_SUMS,
    add_case_codes,
    add_case_products,
    add_products,
    added,
    exponential,
    filled,
    in_eights,
    sum_over_units,
)
from family_trees.engine.arrays import Array, Booleans, Indices
from family_trees.engine.cases import Cases, Inputs
from family_trees.engine.learning import target
from family_trees.engine.network import Activities, Connection, Layer, Weights
from family_trees.engine.onehot import OneHot
from family_trees.engine.units import ErrorSignal, softmax, tanh, tanh_slope

PERSON = Connection("person", "person code")
"""The vectors or matrices of people, one row for each person: (networks, people, rows * columns)."""

RELATION = Connection("relation", "relation code")
"""The matrices of relations, one row for each relation: (networks, relations, rows * rows)."""

CANDIDATE = Connection("person", "answer code")
"""The vectors or matrices of people as answers, where they are not those of people as persons asked about."""

HALF = 0.5
"""The power of a share of probability in `Embedding.answers`: a person counts as an answer above a quarter of the
probability of the likeliest one. No rule chose the quarter. In results/successors-choice.csv, a half does better with
26 of the 104 cases held out, and as well with 12. Families whose cases have many answers need less than a half."""

MOST_AHEAD = 50.0
"""Differences of scores in `Embedding.likelihoods` are cut here: without a rival, a difference has no limit."""


@dataclass(frozen=True)
class Embedding:
    """People as vectors (`columns` is 1) or as matrices, relations as matrices.

    Raises:
        ValueError: a number is below 1.
    """

    people: int
    relations: int
    rows: int
    """Rows of a person's matrix, and rows and columns of a relation's matrix."""
    columns: int
    """Columns of a person's matrix: 1 for vectors."""
    shared: bool = True
    """Whether a person has the same matrix in a question and as an answer. False is for comparison."""
    squashed: bool = False
    """Whether tanh units stand after the product, which is then no linear map of the person. True is for comparison."""

    def __post_init__(self) -> None:
        if min(self.people, self.relations, self.rows, self.columns) < 1:
            raise ValueError(f"{self}: give numbers of at least 1")

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The arrays of numbers between question and answer, named like the layers of the network of 1986."""
        size = self.rows * self.columns
        return (
            Layer("person", self.people),
            Layer("relation", self.relations),
            Layer("person code", size, ("person",)),
            Layer("relation code", self.rows * self.rows, ("relation",)),
            Layer("product", size, ("relation code", "person code")),
            Layer("answer", self.people, ("product", "person code")),
        )

    @property
    def inputs(self) -> tuple[Layer, ...]:
        """The two input layers: person and relation."""
        return self.layers[:2]

    @property
    def computed(self) -> tuple[Layer, ...]:
        """The layers that are computed from others, lowest first."""
        return self.layers[2:]

    @property
    def output(self) -> Layer:
        """The output layer."""
        return self.layers[-1]

    @property
    def connections(self) -> Mapping[Connection, tuple[int, int]]:
        """The shapes of the parameters: (people, rows * columns), and (relations, rows * rows)."""
        person = (self.people, self.rows * self.columns)
        shapes = {PERSON: person, RELATION: (self.relations, self.rows * self.rows)}
        return shapes if self.shared else {**shapes, CANDIDATE: person}

    @property
    def candidate(self) -> Connection:
        """The connection with the matrices of people as answers."""
        return PERSON if self.shared else CANDIDATE

    def activities(self, weights: Weights, inputs: Inputs) -> Activities:
        """Every layer of `layers` for every case: per layer, (networks, cases, numbers of the layer).

        The product is Z of equation 1. The answers are those of `answers`.
        """
        person, relation = (_rows_of(weights[c], inputs[c.below]) for c in (PERSON, RELATION))
        z = self._product(relation, person)
        answer = _answers(_scores(z, weights[self.candidate]))
        return {
            **{name: x.to_dense() if isinstance(x, OneHot) else x for name, x in inputs.items()},
            "person code": person,
            "relation code": relation,
            "product": z,
            "answer": answer,
        }

    def answers(self, weights: Weights, inputs: Inputs) -> Array:
        """How near each person is to an answer, between 0 and 1: the square root of P_j / max P.

        It is 1 for the likeliest person, and above 0.5 for those who have more than a quarter of that probability. They
        count as answers, as output units above 0.5 do in the network of 1986. So a question has at least one answer.

        Args:
            weights: per connection, (networks, units below, units above).
            inputs: "person" and "relation", each with one unit on in each case: (cases, units).

        Returns:
            (networks, cases, people).
        """
        found = self._compiled(weights, inputs, raw=False)
        return _answers(self._scores_of(weights, inputs)) if found is None else found

    def scores(self, weights: Weights, inputs: Inputs) -> Array:
        """x_j of equation 2, (networks, cases, people): the larger, the nearer is person j to the product."""
        found = self._compiled(weights, inputs, raw=True)
        return self._scores_of(weights, inputs) if found is None else found

    def probabilities(self, weights: Weights, inputs: Inputs) -> Array:
        """P_j of equation 3, (networks, cases, people). Arguments as for `answers`."""
        return softmax(self.scores(weights, inputs))

    def likelihoods(self, weights: Weights, inputs: Inputs, rivals: Booleans) -> Array:
        """P_j / (P_j + P_s), where s is the likeliest of the other `rivals`: (networks, cases, people).

        So person j is compared with the likeliest person who is no known answer. Known answers take nothing from each
        other, however many there are, and a question without an answer lifts nobody far above the next. The only rival
        of a question has 1/2.

        Args:
            weights, inputs: as for `answers`.
            rivals: the people who may be an answer and are none yet, (cases, people).
        """
        x = self.scores(weights, inputs)
        of_rivals = np.where(rivals, x, -np.inf)
        first = np.argmax(of_rivals, axis=-1, keepdims=True)
        highest = np.take_along_axis(of_rivals, first, axis=-1)
        np.put_along_axis(of_rivals, first, -np.inf, axis=-1)
        ahead = x - highest
        second = np.max(of_rivals, axis=-1, keepdims=True)
        own = np.take_along_axis(x, first, axis=-1) - np.where(np.isfinite(second), second, highest)
        np.put_along_axis(ahead, first, own, axis=-1)
        return 1 / (1 + exponential(np.clip(-ahead, -MOST_AHEAD, MOST_AHEAD)))

    def _compiled(self, weights: Weights, inputs: Inputs, *, raw: bool) -> Array | None:
        """`answers`, or with `raw` `scores`, by the compiled engine; None where NumPy has to do it."""
        from family_trees.engine.compiled.embedding_program import compiled_embedding_answers  # which builds on this

        return compiled_embedding_answers(self, weights, inputs, raw=raw)

    def _scores_of(self, weights: Weights, inputs: Inputs) -> Array:
        """`scores`, with NumPy."""
        person, relation = (_rows_of(weights[c], inputs[c.below]) for c in (PERSON, RELATION))
        return _scores(self._product(relation, person), weights[self.candidate])

    def gradient(self, weights: Weights, cases: Cases, signal: ErrorSignal = "softmax", margin: float = 0.0) -> Weights:
        """dE/dw of equation 4, summed over the training cases: equations 5 to 9.

        Raises:
            ValueError: the signal is not "softmax", or there is a margin.
        """
        if signal != "softmax" or margin:
            raise ValueError("vectors and matrices learn by the error signal softmax, without a margin")
        sums = _Sums.zero(self, weights, cases.inputs)
        for part in cases.parts():
            sums.add(self, weights, part)
        return sums.gradient(self, weights)

    def codes(self, weights: Weights) -> dict[str, Array]:
        """The numbers of every person and every relation: per input layer, (networks, units of the layer, numbers)."""
        return {connection.below: weights[connection] for connection in (PERSON, RELATION)}

    def _product(self, relation: Array, person: Array) -> Array:
        """Equation 1, Z_kl = sum_i R_ki A_il, after the tanh units if there are any: (networks, cases, rows * columns).

        Args:
            relation: (networks, cases, rows * rows).
            person: (networks, cases, rows * columns).
        """
        z = _matrix_product(*self._matrices(relation, person)).reshape(person.shape)
        return tanh(z) if self.squashed else z

    def _matrices(self, relation: Array, *people: Array) -> tuple[Array, ...]:
        """Rows of numbers as matrices: (..., rows, rows) for relations and (..., rows, columns) for people."""
        shape = relation.shape[:-1]
        of_people = (each.reshape(*shape, self.rows, self.columns) for each in people)
        return relation.reshape(*shape, self.rows, self.rows), *of_people


def _rows_of(w: Array, codes: Array | OneHot) -> Array:
    """The row of w of the unit that is on in each case, (networks, cases, numbers)."""
    if isinstance(codes, OneHot):
        return codes @ w
    on = np.broadcast_to(np.argmax(codes, axis=-1), (len(w), codes.shape[-2]))
    return np.take_along_axis(w, on[..., None], axis=1)


def _matrix_product(one: Array, other: Array) -> Array:
    """Products of matrices, (..., k, i) times (..., i, l): sum_i one_ki other_il, one term after another."""
    total = np.zeros((*one.shape[:-1], other.shape[-1]))
    for i in range(one.shape[-1]):
        total += one[..., :, i, None] * other[..., i, None, :]
    return total


def _scores(z: Array, people: Array) -> Array:
    """Equation 2: x_j = -|V_j|^2 + sum_f z_f 2 V_jf, in this order. It is equation 1 of Nature with a bias.

    Args:
        z: (networks, cases, numbers).
        people: (networks, people, numbers).

    Returns:
        (networks, cases, people).
    """
    x = filled(-sum_over_units(people * people)[:, None, :], z.shape[1], len(people), people.shape[1])
    add_products(x, z, (2 * people).swapaxes(-1, -2))
    return x


def _answers(x: Array) -> Array:
    """(P_j / max P)^(1/2), of the shape of x."""
    return exponential(HALF * (x - np.max(x, axis=-1, keepdims=True)))


@dataclass(frozen=True)
class _Sums:
    """The sums over cases in equations 7 to 9, each in eight partial sums."""

    on: dict[Connection, Indices]
    """The units that are on in some case: only these have sums in equations 8 and 9."""
    asked: dict[Connection, Array]
    """Equations 9 and 8, (units on, numbers, networks, 8)."""
    candidate: Array
    """sum_c dE/dx_jc Z_c of equation 7, (people, numbers, networks, 8)."""
    length: Array
    """sum_c dE/dx_jc of equation 7, (1, people, networks, 8)."""

    @classmethod
    def zero(cls, learner: Embedding, weights: Weights, inputs: Inputs) -> _Sums:
        """The sums before the first case. `inputs` are those of all cases to come."""
        networks = len(weights[PERSON])
        on = {c: _units_on(inputs[c.below]) for c in (PERSON, RELATION)}
        shapes = learner.connections
        asked = {c: np.zeros((len(rows), shapes[c][1], networks, PARTIAL_SUMS)) for c, rows in on.items()}
        numbers = learner.rows * learner.columns
        candidate = np.zeros((learner.people, numbers, networks, PARTIAL_SUMS))
        return cls(on, asked, candidate, np.zeros((1, learner.people, networks, PARTIAL_SUMS)))

    def add(self, learner: Embedding, weights: Weights, part: Cases) -> None:
        """Add cases, in place. Before the last call, their number is a multiple of 8."""
        people = weights[learner.candidate]
        person, relation = (_rows_of(weights[c], part.inputs[c.below]) for c in (PERSON, RELATION))
        z = learner._product(relation, person)  # equation 1
        p = softmax(_scores(z, people))  # equations 2 and 3
        dE_dx = (p - target(part.d, "softmax")) * part.training_mask[..., None]  # equation 5
        dE_dz = filled(0.0, z.shape[1], z.shape[0], z.shape[2])
        add_products(dE_dz, dE_dx, 2 * people)  # equation 6
        if learner.squashed:
            dE_dz = dE_dz * tanh_slope(z)
        r, a, d = learner._matrices(relation, person, dE_dz)
        of_relation = _matrix_product(d, a.swapaxes(-1, -2))  # equation 8
        of_person = _matrix_product(r.swapaxes(-1, -2), d)  # equation 9
        for connection, terms in ((PERSON, of_person), (RELATION, of_relation)):
            on = np.searchsorted(self.on[connection], _on(part.inputs[connection.below]))
            places = in_eights(on[..., None] if on.ndim > 1 else on[None, :, None])
            add_case_codes(self.asked[connection], places, in_eights(terms.reshape(*z.shape[:2], -1)))
        eights = in_eights(dE_dx)
        add_case_products(self.candidate, eights, in_eights(z))  # equation 7
        for block in eights:
            self.length[0] += block

    def gradient(self, learner: Embedding, weights: Weights) -> Weights:
        """dE/dw, in the shapes of `weights`."""
        found = {c: np.zeros(w.shape) for c, w in weights.items()}
        of_candidates = added(self.candidate).transpose(2, 0, 1)
        lengths = added(self.length).transpose(2, 1, 0)
        found[learner.candidate] += 2 * (of_candidates - weights[learner.candidate] * lengths)
        for connection, sums in self.asked.items():
            found[connection][:, self.on[connection]] += added(sums).transpose(2, 0, 1)
        return found


def _on(codes: Array | OneHot) -> Indices:
    """The unit that is on in each case, (cases,) or (networks, cases)."""
    return codes.indices if isinstance(codes, OneHot) else np.asarray(np.argmax(codes, axis=-1))


def _units_on(codes: Array | OneHot) -> Indices:
    """The units that are on in some case, in ascending order."""
    return codes.units_on if isinstance(codes, OneHot) else np.unique(np.argmax(codes, axis=-1))
