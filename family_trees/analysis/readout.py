"""What a whole code tells of people and relations, whichever axes its numbers have.

A single number of a vector or of a matrix means little. Turn all codes by one rotation, and the relations with them:
every answer stays the same, and every number is another. So what one number encodes says nothing. These measures do not
change under a rotation:

- *Told by a direction*: a linear discriminant is fitted to the codes of all names but one, and then tells the group of
  the one left out. The share of names that are told right stands beside the same share with shuffled names. In the
  trees of 1986, the equivalent is left out, too: an equal code in the other tree shall not help.
- *The same of A A^T*: relations multiply a person's matrix A from the left. A rotation from the right changes no
  relation, and may set one tree apart from the other. A A^T is the same before and after it. For vectors, such a
  rotation is a sign.
- *One rotation between the trees*: a rotation from the right is fitted to all pairs of equivalents but one, and then
  turns the English person of that pair. The pair is met if the nearest Italian is the equivalent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from family_trees.analysis.distinctions import distinctions
from family_trees.engine.embedding import Embedding
from family_trees.engine.learner import LayeredLearner
from family_trees.engine.network import Weights
from family_trees.families.of_1986 import equivalents, is_of_1986
from family_trees.families.task import Task

PENALTY = 0.1
"""The penalty of the discriminant, as a share of the mean squared size of a code. It was chosen before any result was
seen, and not tuned."""

SQUARED = "A A^T"
"""The code of people that a rotation from the right leaves as it is."""

SHUFFLES = 200
"""How often names are shuffled for the level of chance."""


class Readout(NamedTuple):
    """How well a direction in the space of a code tells a distinction."""

    code: str
    """"person code", "relation code", or `SQUARED`."""
    distinction: str
    names: int
    """The number of names that have a group."""
    share: float
    """The share of these names that is told right, each by the others."""
    chance: float
    """The mean of this share with shuffled names."""
    chance_level: float
    """What 19 of 20 shuffles stay at or below."""

    @property
    def above_chance(self) -> bool:
        """Whether more names are told right than in 19 of 20 shuffles."""
        return self.share > self.chance_level


def readouts(weights: Weights, task: Task, learner: LayeredLearner) -> list[Readout]:
    """What the codes of one network tell: a row a code and distinction. Vectors and matrices also have A A^T.

    Args:
        weights: per connection, (1, units below, units above).
    """
    of_layers = learner.codes(weights)
    codes = [(f"{group} code", group, of_group[0]) for group, of_group in of_layers.items()]
    if isinstance(learner, Embedding):
        matrices = of_layers["person"][0].reshape(-1, learner.rows, learner.columns)
        squared = np.einsum("pic,pjc->pij", matrices, matrices).reshape(len(matrices), -1)
        codes.insert(1, (SQUARED, "person", squared))
    found = []
    for name, group, code in codes:
        names = task.people if group == "person" else task.relations
        for distinction in distinctions(group, task):
            groups = distinction.group_numbers(names)
            grouped, kept = groups[groups >= 0], [each for each, k in zip(names, groups, strict=True) if k >= 0]
            blocks, of_group = _left_out_together(kept, task), code[groups >= 0]
            rng = np.random.default_rng(0)
            share = share_told(of_group, grouped[None], blocks)[0]
            by_chance = share_told(of_group, np.array([rng.permutation(grouped) for _ in range(SHUFFLES)]), blocks)
            level = float(np.quantile(by_chance, 0.95))
            found.append(Readout(name, distinction.name, len(kept), float(share), float(by_chance.mean()), level))
    return found


def _left_out_together(names: Sequence[str], task: Task) -> NDArray[np.int64]:
    """Which names are left out together, (blocks, names of a block): pairs of equivalents, or each name alone."""
    place = {name: k for k, name in enumerate(names)}
    other = equivalents() if is_of_1986(task) else {}
    if not all(other.get(name) in place for name in names):
        return np.arange(len(names))[:, None]
    return np.array([(k, place[other[name]]) for name, k in place.items() if k < place[other[name]]])


def share_told(codes: NDArray[np.float64], groups: NDArray[np.int64], blocks: NDArray[np.int64]) -> NDArray[np.float64]:
    """The share of names whose group a linear discriminant tells right, when it is fitted to names of other blocks.

    The discriminant is a regression of each group on the codes, with a penalty on squared weights. The group with the
    largest value is told. Leaving names out has a closed form: their errors are those of the whole fit, times the
    inverse of 1 less the weight that they have in their own values.

    Args:
        codes: (names, numbers).
        groups: the number of each name's group, (labellings, names): the right one, or shuffled ones.
        blocks: which names are left out together, (blocks, names of a block). Each name stands in one block.

    Returns:
        (labellings,).
    """
    centred = codes - codes.mean(axis=0)
    u, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    squares = sizes**2
    shrinking = squares / (squares + PENALTY * (float(squares.sum()) / len(codes) or 1.0))
    own = 1 / len(codes) + np.einsum("bir,r,bjr->bij", u[blocks], shrinking, u[blocks])
    inverse = np.linalg.inv(np.eye(blocks.shape[1]) - own)
    right = []
    for each in groups:
        known, number = np.unique(each, return_inverse=True)
        y = (number[:, None] == np.arange(len(known))).astype(np.float64)
        fitted = y.mean(axis=0) + (u * shrinking) @ (u.T @ y)  # u is centred, and y need not be
        errors = np.einsum("bij,bjg->big", inverse, (y - fitted)[blocks])
        right.append(np.mean((y[blocks] - errors).argmax(axis=-1) == number[blocks]))
    return np.array(right)


class Rotation(NamedTuple):
    """Whether one rotation takes each person of one tree into the equivalent of the other."""

    pairs: int
    met: float
    """The share of pairs that the rotation of the other pairs meets."""
    met_by_chance: float
    """The mean of this share where the English are paired with shuffled Italians."""
    distance: float
    """The mean distance of the turned person from the equivalent, over the size of the equivalent."""
    unturned: float
    """The same distance without a rotation."""


def rotation_between_trees(weights: Weights, task: Task, learner: LayeredLearner) -> Rotation | None:
    """Whether one rotation from the right takes the English of 1986 into their Italian equivalents.

    The code of a layered network counts as one row. A rotation of vectors, which have one column, is a sign.

    Args:
        weights: per connection, (1, units below, units above).

    Returns:
        None for other facts than those of 1986.
    """
    if not is_of_1986(task):
        return None
    codes = learner.codes(weights)["person"][0]
    rows, columns = (learner.rows, learner.columns) if isinstance(learner, Embedding) else (1, codes.shape[1])
    matrices = codes.reshape(len(codes), rows, columns)
    pairs = [(one, other) for one, other in equivalents().items() if task.person_index[one] < task.person_index[other]]
    first, second = (matrices[[task.person_index[name] for name in names]] for names in zip(*pairs, strict=True))
    met, distance = _turned(first, second)
    rng = np.random.default_rng(0)
    by_chance = [_turned(first, second[rng.permutation(len(pairs))])[0] for _ in range(20)]
    unturned = np.mean(_size(first - second) / _size(second))
    return Rotation(len(pairs), met, float(np.mean(by_chance)), distance, float(unturned))


def rotation(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """The rotation or reflection S of columns for which `one` S is nearest to `other`, (columns, columns).

    Args:
        one: matrices, (people, rows, columns).
        other: the matrices to meet, of the same shape.
    """
    u, _, v = np.linalg.svd(np.einsum("prc,prd->cd", one, other))
    return np.asarray(u @ v)


def _turned(one: NDArray[np.float64], other: NDArray[np.float64]) -> tuple[float, float]:
    """The share of pairs that are met, each by the rotation of the other pairs, and the mean relative distance."""
    met, distances = [], []
    for k in range(len(one)):
        others = np.arange(len(one)) != k
        turned = one[k] @ rotation(one[others], other[others])
        away = _size(turned - other)
        met.append(float(away.argmin() == k))
        distances.append(away[k] / _size(other[k : k + 1])[0])
    return float(np.mean(met)), float(np.mean(distances))


def _size(matrices: NDArray[np.float64]) -> NDArray[np.float64]:
    """The root of the sum of squares of each matrix, (people,)."""
    return np.asarray(np.sqrt(np.sum(matrices**2, axis=(-2, -1))))
