"""What the units encode, measured: how much of the variance of a unit is explained by what is known of the names.

Definitions, written before the networks of the full reproduction were trained, after trials of others:

- The *share explained* of a unit by a distinction, such as generation, is the variance between the groups over the
  variance between all names (eta squared), of the weights from the names to the unit, or of its activities.
- A unit *encodes* a distinction if it explains at least half of the variance (`THRESHOLD`) of its weights. Results are
  given for other thresholds, too.
- *Chance* is the same with the names shuffled: what the best unit of the layer then stays below in 19 of 20 shuffles.
  Among the 24 people that is far less than half; among the 12 relations it may be more, and is said beside the unit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from family_trees.codes import LocalCodes
from family_trees.families import RELATIVES
from family_trees.kinship import families_of, is_of_1986
from family_trees.learning import Cases, error
from family_trees.network import (
    BIAS,
    FAMILY_TREE_NETWORK,
    Architecture,
    Connection,
    Weights,
    forward,
    total_input,
    with_bias,
)
from family_trees.task import Task
from family_trees.units import UNITS

if TYPE_CHECKING:
    import pandas as pd

Code = Literal["person code", "relation code", "penultimate"]
"""The layers whose units have a name each for what they may encode: the people and relations of the question, and the
people of the answer."""

THRESHOLD = 0.5
THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
FEW = 3
"""People whom a family or a branch must have to be counted as a group."""
MANY = 16
"""Groups from which on the sums over groups are not taken by a matrix of names by groups."""
FINE_THRESHOLDS = tuple(k / 50 for k in range(1, 51))


@dataclass(frozen=True)
class Distinction:
    """What may be told of people, or of relations: a group for each name, and none for names that it leaves out."""

    name: str
    groups: Mapping[str, Hashable]

    def of(self, names: Sequence[str]) -> NDArray[np.int64]:
        """The number of each name's group, -1 for those left out: (names,)."""
        numbers = {group: k for k, group in enumerate(dict.fromkeys(self.groups.values()))}
        return np.array([numbers[self.groups[name]] if name in self.groups else -1 for name in names])


@lru_cache(maxsize=16)
def distinctions(group: str, task: Task) -> tuple[Distinction, ...]:
    """Those that the paper speaks of, and the others at hand, for the "person" or the "relation" units.

    The branch of a person is the founding couple that he or she descends from or married into the line of; who has two,
    as the grandchildren have, is left out. Of people other than those of 1986, the family takes the place of the
    nationality; families and branches of fewer than `FEW` are left out. A distinction that tells nobody apart is none:
    where nothing is known, there are none.
    """
    if group == "person":
        found = _of_people(task)
    elif group == "relation":
        found = _of_relations(task.relations)
    else:
        raise ValueError(f"no distinctions are known for {group!r}")
    return tuple(each for each in found if len({*each.groups.values()}) > 1)


def _of_people(task: Task) -> tuple[Distinction, ...]:
    families = families_of(task)
    if families is None:
        return ()
    generation = Distinction("generation", {name: families.generation(name) for name in task.people})
    sexes = {person.name: person.sex for person in families.people if person.sex is not None}
    branches = {name: families.branch(name) for name in task.people}
    if is_of_1986(task):
        english = {p.name: p.name if p.nationality == "English" else p.equivalent for p in families.people}
        branches = {name: branches[english[name]] for name in english}
        first = Distinction("nationality", {person.name: person.nationality for person in families.people})
    else:
        first = Distinction("family", _not_of_few({name: families.family(name) for name in task.people}))
    told = _not_of_few({name: branch for name, branch in branches.items() if branch})
    return first, generation, Distinction("branch", told), Distinction("sex", sexes)


def _of_relations(relations: Sequence[str]) -> tuple[Distinction, ...]:
    steps = {"husband": 0, "son": -1, "father": 1, "brother": 0, "nephew": -1, "uncle": 1}
    kinds = {
        "husband": "marriage",
        "son": "line",
        "father": "line",
        "brother": "side",
        "nephew": "side",
        "uncle": "side",
    }
    pairs = [(word, male) for male, female, _ in RELATIVES for word in (male, female) if word in relations]
    return (
        Distinction("sex", {word: word == male for word, male in pairs}),
        Distinction("generation step", {word: steps[male] for word, male in pairs}),
        Distinction("kind", {word: kinds[male] for word, male in pairs}),
    )


def _not_of_few(groups: Mapping[str, Hashable]) -> dict[str, Hashable]:
    """Without the groups that hold fewer than `FEW`: who is alone in a group explains all that is his or her own."""
    sizes = Counter(groups.values())
    return {name: group for name, group in groups.items() if sizes[group] >= FEW}


def explained(values: NDArray[np.floating], groups: NDArray[np.int64]) -> NDArray[np.float64]:
    """Eta squared: the variance between groups over the variance between all names.

    Args:
        values: (..., names, units), weights or activities.
        groups: (names,), the group of each; names of group -1 are left out.

    Returns:
        (..., units), between 0 and 1; 0 where values do not vary, or where there are not two groups.
    """
    kept = groups >= 0
    if len(np.unique(groups[kept])) < 2:
        return np.zeros((*values.shape[:-2], values.shape[-1]))
    x, g = np.asarray(values, dtype=np.float64)[..., kept, :], groups[kept]
    known, sizes = np.unique(g, return_counts=True)
    centred = x - x.mean(axis=-2, keepdims=True)
    if len(known) < MANY:
        sums = np.einsum("...nu,ng->...gu", centred, (g[:, None] == known).astype(np.float64))
    else:  # hundreds of branches of thousands of people: group by group, as they lie
        sums = np.add.reduceat(centred[..., np.argsort(g, kind="stable"), :], np.cumsum(sizes) - sizes, axis=-2)
    means = sums / sizes[:, None]
    between = np.einsum("...gu,g->...u", means**2, sizes)
    total = np.sum(centred**2, axis=-2)
    return np.asarray(np.divide(between, total, out=np.zeros_like(total), where=total > 0))


def by_chance(
    values: NDArray[np.floating], groups: NDArray[np.int64], shuffles: int = 20, seed: int = 0
) -> NDArray[np.float64]:
    """`explained` with the names shuffled: (shuffles, ..., units)."""
    rng = np.random.default_rng(seed)
    return np.array([explained(values, groups[rng.permutation(len(groups))]) for _ in range(shuffles)])


def chance_level(weights: NDArray[np.floating], groups: NDArray[np.int64], shuffles: int = 200) -> NDArray[np.float64]:
    """What the best unit of a layer stays below in 19 of 20 shuffles of the names: (networks,).

    Args:
        weights: (networks, names, units).
        groups: as `explained` takes them.
    """
    best = by_chance(weights, groups, shuffles).max(axis=-1)
    return np.asarray(np.quantile(best, 0.95, axis=0))


def nearness_of_equivalents(codes: NDArray[np.floating], equivalents: NDArray[np.int64]) -> NDArray[np.float64]:
    """How near each person's code is to that of the equivalent, among all people of the other nation.

    Args:
        codes: (networks, people, units).
        equivalents: (people,), the place of each one's equivalent; the first half of the people are one nation.

    Returns:
        The share of the others of that nation who are farther away than the equivalent, (networks, people): 1 if none
        is nearer, 1/2 by chance.
    """
    people = codes.shape[1]
    half = np.arange(people) < people // 2
    distance = np.linalg.norm(codes[:, :, None] - codes[:, None], axis=-1)
    own = np.take_along_axis(distance, np.broadcast_to(equivalents, distance.shape[:2])[..., None], axis=-1)
    other_nation = half[:, None] != half
    other_nation[np.arange(people), equivalents] = False
    farther = (distance > own) & other_nation
    equal = (distance == own) & other_nation
    return np.asarray((farther.sum(axis=-1) + equal.sum(axis=-1) / 2) / other_nation.sum(axis=-1))


def distance_to_equivalents(codes: NDArray[np.floating], equivalents: NDArray[np.int64]) -> NDArray[np.float64]:
    """The mean distance of a person's code to that of the equivalent, over that to all others of the other nation.

    Args:
        codes: (networks, people, units).
        equivalents: as `nearness_of_equivalents` takes them.

    Returns:
        (networks,): 1 by chance, 0 if equivalents have equal codes; 1 also where all codes are equal.
    """
    people = codes.shape[1]
    half = np.arange(people) < people // 2
    distance = np.linalg.norm(codes[:, :, None] - codes[:, None], axis=-1)
    own = distance[:, np.arange(people), equivalents].mean(axis=-1)
    others = half[:, None] != half
    others[np.arange(people), equivalents] = False
    mean = distance[:, others].mean(axis=-1)
    return np.asarray(np.divide(own, mean, out=np.ones_like(own), where=mean > 0))


def rise_of_error(architecture: Architecture, weights: Weights, cases: Cases) -> Weights:
    """By how much E rises if a weight is removed: for every weight of one network.

    Args:
        weights: of one network, per connection (1, units below, units above).

    Returns:
        The same shapes.
    """
    base = float(error(forward(architecture, weights, cases.inputs)[architecture.output.name], cases)[0])
    found: Weights = {}
    for connection, w in weights.items():
        several = np.repeat(w, w.size, axis=0).reshape(w.size, -1)
        several[np.arange(w.size), np.arange(w.size)] = 0
        lesioned = {other: np.broadcast_to(v, (w.size, *v.shape[1:])) for other, v in weights.items()}
        lesioned[connection] = several.reshape(w.size, *w.shape[1:])
        y = forward(architecture, lesioned, cases.inputs)[architecture.output.name]
        found[connection] = (error(y, cases) - base).reshape(w.shape)
    return found


def rise_without_units(
    architecture: Architecture, weights: Weights, cases: Cases
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """By how much E rises if a hidden unit is removed: for every hidden unit of one network.

    Args:
        weights: of one network, per connection (1, units below, units above).

    Returns:
        The size of each unit, the root of the sum of squares of all its weights, biases left out; and the rise of E
        without it: (hidden units,) each.
    """
    output = architecture.output.name
    base = float(error(forward(architecture, weights, cases.inputs)[output], cases)[0])
    sizes, rises = [], []
    for layer in architecture.computed:
        if layer.name == output:
            continue
        squares = np.zeros(layer.units)
        lesioned = {connection: np.broadcast_to(w, (layer.units, *w.shape[1:])) for connection, w in weights.items()}
        for connection, w in weights.items():
            if connection.above == layer.name and connection.below != BIAS:
                squares += np.sum(w[0] ** 2, axis=0)
            if connection.below == layer.name:
                squares += np.sum(w[0] ** 2, axis=1)
                lesioned[connection] = np.where(np.eye(layer.units, dtype=bool)[..., None], 0, w)
        sizes.append(np.sqrt(squares))
        rises.append(error(forward(architecture, lesioned, cases.inputs)[output], cases) - base)
    return np.concatenate(sizes), np.concatenate(rises)


class Layer(NamedTuple):
    """The units of a layer by the names that they may encode."""

    group: str
    """Of what the names are: "person" or "relation"."""
    names: tuple[str, ...]
    weights: NDArray[np.float64]
    """(networks, names, units): from the names to the units; for the penultimate layer, from the units to the names."""
    activities: NDArray[np.float64]
    """(networks, names, units): while the name is asked about; for the penultimate layer, the mean over all questions
    that the name answers."""


def layers(weights: Weights, task: Task, network: Architecture = FAMILY_TREE_NETWORK) -> dict[Code, Layer]:
    """What the units of the three layers have to do with people and relations; `weights` of any number of networks.

    Local codes are kept as places, and no layer has an activity for every person in every case: what is computed grows
    with the cases, and not with the cases times the people.
    """
    found: dict[Code, Layer] = {}
    for group, names in (("person", task.people), ("relation", task.relations)):
        code = get_args(Code)[len(found)]
        layer = next(each for each in network.computed if each.name == code)
        alone = with_bias({group: LocalCodes.of([(k,) for k in range(len(names))], len(names))})
        x = total_input(network, weights, alone, layer)
        found[code] = Layer(group, names, weights[Connection(group, code)], UNITS[layer.kind].activity(x))
    below = Architecture(network.layers[:-1])
    y = forward(below, weights, task.input_codes())["penultimate"]  # (networks, cases, units)
    answered = task.desired_codes()
    case = np.repeat(np.arange(len(task.cases)), np.diff(answered.starts))
    sums = np.zeros((len(task.people), y.shape[0], y.shape[-1]))
    np.add.at(sums, answered.on, y.swapaxes(0, 1)[case])
    times = np.bincount(answered.on, minlength=len(task.people))
    outgoing = weights[Connection("penultimate", network.output.name)].swapaxes(-1, -2)
    found["penultimate"] = Layer("person", task.people, outgoing, sums.swapaxes(0, 1) / np.maximum(1, times)[:, None])
    return found


def without_nationality(code: Layer, task: Task) -> NDArray[np.float64]:
    """The activities of a code of the people of 1986 with the units that encode nationality at 0.

    Returns:
        (networks, names, units).
    """
    nationality, *_ = distinctions("person", task)
    encodes = explained(code.weights, nationality.of(code.names)) >= THRESHOLD
    return np.where(encodes[:, None], 0.0, code.activities)


def chance_table(weights: Weights, task: Task) -> pd.DataFrame:
    """How often the best unit of a layer reaches a threshold by chance: its names shuffled, for every network.

    Columns `layer`, `distinction`, `threshold` (`FINE_THRESHOLDS`), and counts of shuffles: `tried`, of 20 for each
    network, and `reached`.
    """
    import pandas as pd

    rows = []
    for name, layer in layers(weights, task).items():
        for distinction in distinctions(layer.group, task):
            best = by_chance(layer.weights, distinction.of(layer.names)).max(axis=-1)
            rows += [
                {
                    "layer": name,
                    "distinction": distinction.name,
                    "threshold": threshold,
                    "tried": best.size,
                    "reached": int((best >= threshold).sum()),
                }
                for threshold in FINE_THRESHOLDS
            ]
    return pd.DataFrame(rows)


def unit_table(
    weights: Weights, task: Task, numbers: Sequence[int], network: Architecture = FAMILY_TREE_NETWORK
) -> pd.DataFrame:
    """A row a network, layer, unit and distinction: the share of variance that it explains.

    Columns `network`, `layer`, `unit` (from 1), `distinction`, `weights`, `activities`, and `chance` (`chance_level`).
    No row where nothing is known of the names.
    """
    import pandas as pd

    parts = []
    for name, layer in layers(weights, task, network).items():
        for distinction in distinctions(layer.group, task):
            groups = distinction.of(layer.names)
            of_weights, of_activities = (explained(values, groups) for values in (layer.weights, layer.activities))
            chance = chance_level(layer.weights, groups)
            networks, units = of_weights.shape
            parts.append(
                pd.DataFrame(
                    {
                        "network": np.repeat(np.asarray(numbers), units),
                        "layer": name,
                        "unit": np.tile(np.arange(1, units + 1), networks),
                        "distinction": distinction.name,
                        "weights": of_weights.reshape(-1),
                        "activities": of_activities.reshape(-1),
                        "chance": np.repeat(chance, units),
                    }
                )
            )
    columns = ["network", "layer", "unit", "distinction", "weights", "activities", "chance"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def words(table: pd.DataFrame, threshold: float = THRESHOLD) -> dict[tuple[str, int], str]:
    """What each unit of one network encodes, in words: by (layer, unit), empty where it encodes nothing known.

    Args:
        table: as `unit_table` gives it, of one network.
    """
    found: dict[tuple[str, int], str] = {}
    for (layer, unit), rows in table.groupby(["layer", "unit"], sort=False):
        strong = rows[rows["weights"] >= threshold].sort_values("weights", ascending=False)
        beyond = strong["weights"] > strong["chance"]
        told = strong["distinction"] + beyond.map({True: "", False: " (no more than by chance)"}).astype(str)
        found[str(layer), int(str(unit))] = " and ".join(told)
    return found


class Told(NamedTuple):
    """That a unit encodes a distinction."""

    distinction: str
    share: float
    """Of the variance of its weights that the distinction explains."""
    chance: float
    """`chance_level` of its layer."""

    def __str__(self) -> str:
        beyond = "" if self.share > self.chance else f", by chance {self.chance:.0%}"
        return f"{self.distinction} ({self.share:.0%}{beyond})"


def encoded(weights: NDArray[np.floating], task: Task, group: str, threshold: float = THRESHOLD) -> list[list[Told]]:
    """What each unit of a code encodes, strongest first.

    Args:
        weights: of one network, from the names to the units, (names, units).
        task: whose people or relations the names are.
        group: "person" or "relation".
    """
    found: list[list[Told]] = [[] for _ in range(weights.shape[-1])]
    names = task.people if group == "person" else task.relations
    for distinction in distinctions(group, task):
        groups = distinction.of(names)
        chance = float(chance_level(weights[None], groups)[0])
        for unit, share in enumerate(explained(weights, groups)):
            if share >= threshold:
                found[unit].append(Told(distinction.name, float(share), chance))
    return [sorted(told, key=lambda each: -each.share) for told in found]


def similarity(codes: NDArray[np.floating]) -> NDArray[np.float64]:
    """How alike the codes of two names are: 1 at no distance, 0 at the largest one of the network.

    Args:
        codes: (networks, names, units).

    Returns:
        (networks, names, names).
    """
    distance = np.linalg.norm(codes[:, :, None] - codes[:, None], axis=-1)
    largest = distance.max(axis=(-2, -1), keepdims=True)
    return np.asarray(1 - distance / np.where(largest > 0, largest, 1))


def rank_correlation(x: NDArray[np.floating], y: NDArray[np.floating]) -> float:
    """Spearman's: the correlation of the ranks of two samples, (n,) each, equal values sharing their mean rank."""

    def ranks(values: NDArray[np.floating]) -> NDArray[np.float64]:
        _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
        return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[inverse])

    return float(np.corrcoef(ranks(x), ranks(y))[0, 1])
