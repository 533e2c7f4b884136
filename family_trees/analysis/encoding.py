"""What the hidden units encode, measured as a share of variance (eta squared).

These definitions were written before the networks of the full reproduction were trained, after trials with others:

- The *share explained* by a distinction, such as generation, is the variance between its groups over the variance
  between all names. It is measured on the weights from the names to a unit, or on the activities of the unit.
- A unit *encodes* a distinction that explains at least half of the variance of its weights (`ENCODING_THRESHOLD`).
  Results for other thresholds are given, too.
- The *chance level* comes from shuffled names: in 19 of 20 shuffles the best unit of the layer stays below it. For the
  24 people it is far below one half. For the 12 relations it may be higher, so it is given beside each unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from family_trees.analysis.distinctions import distinctions
from family_trees.analysis.variance import chance_level, eta_squared, eta_squared_by_chance
from family_trees.engine.arrays import Array
from family_trees.engine.learner import LayeredLearner
from family_trees.engine.network import Architecture, Connection, Weights, forward
from family_trees.families.task import Task
from family_trees.models.layered import FAMILY_TREE_NETWORK

if TYPE_CHECKING:
    import pandas as pd

CodeLayer = Literal["person code", "relation code", "penultimate"]
"""The hidden layers that are next to a layer of names: the codes of the question's people and relations, and the
layer below the people of the answer."""

ENCODING_THRESHOLD = 0.5
"""A unit encodes a distinction that explains at least this share of the variance of its weights."""

REPORTED_THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""The thresholds for which the results of many networks are given."""

CHANCE_THRESHOLDS = tuple(k / 50 for k in range(1, 51))
"""The finer thresholds for which `chance_table` counts shuffles."""


class NamedLayer(NamedTuple):
    """The units of a hidden layer, with the names that they are connected to."""

    group: str
    """What the names are: "person" or "relation"."""
    names: tuple[str, ...]
    weights: Array
    """(networks, names, units): from the names to the units; in the penultimate layer, from the units to the names."""
    activities: Array
    """(networks, names, units): the activity while the name is asked about. In the penultimate layer, the mean activity
    over all questions that the name answers."""


def named_layers(
    weights: Weights, task: Task, network: LayeredLearner = FAMILY_TREE_NETWORK
) -> dict[CodeLayer, NamedLayer]:
    """Weights and activities of the units in the three `CodeLayer`s, by the names that they are connected to.

    Vectors and matrices have no penultimate layer.

    Inputs and answers stay one-hot, so time and memory grow with the number of cases, not with cases times people.

    Args:
        weights: of any number of networks, per connection (networks, units below, units above).
    """
    codes = network.codes(weights)
    found: dict[CodeLayer, NamedLayer] = {}
    for group, names in (("person", task.people), ("relation", task.relations)):
        code = get_args(CodeLayer)[len(found)]
        found[code] = NamedLayer(group, names, weights[Connection(group, code)], codes[group])
    if not isinstance(network, Architecture):
        return found
    below = Architecture(network.layers[:-1])
    y = forward(below, weights, task.input_codes())["penultimate"]  # (networks, cases, units)
    answered = task.desired_codes()
    case = np.repeat(np.arange(len(task.cases)), np.diff(answered.indptr))
    sums = np.zeros((len(task.people), y.shape[0], y.shape[-1]))
    np.add.at(sums, answered.indices, y.swapaxes(0, 1)[case])
    times = np.bincount(answered.indices, minlength=len(task.people))
    outgoing = weights[Connection("penultimate", network.output.name)].swapaxes(-1, -2)
    found["penultimate"] = NamedLayer(
        "person", task.people, outgoing, sums.swapaxes(0, 1) / np.maximum(1, times)[:, None]
    )
    return found


def without_nationality(code: NamedLayer, task: Task) -> NDArray[np.float64]:
    """The activities of a code of the people of 1986, with 0 for the units that encode nationality.

    Returns:
        (networks, names, units).
    """
    nationality, *_ = distinctions("person", task)
    encodes = eta_squared(code.weights, nationality.group_numbers(code.names)) >= ENCODING_THRESHOLD
    return np.where(encodes[:, None], 0.0, code.activities)


def chance_table(weights: Weights, task: Task) -> pd.DataFrame:
    """How often the best unit of a layer reaches a threshold by chance, with the names shuffled 20 times a network.

    Returns:
        Columns `layer`, `distinction`, `threshold` (each of `CHANCE_THRESHOLDS`), `tried` (the number of shuffles over
        all networks), and `reached` (the number of those in which the best unit reached the threshold).
    """
    import pandas as pd

    rows = []
    for name, layer in named_layers(weights, task).items():
        for distinction in distinctions(layer.group, task):
            best = eta_squared_by_chance(layer.weights, distinction.group_numbers(layer.names)).max(axis=-1)
            rows += [
                {
                    "layer": name,
                    "distinction": distinction.name,
                    "threshold": threshold,
                    "tried": best.size,
                    "reached": int((best >= threshold).sum()),
                }
                for threshold in CHANCE_THRESHOLDS
            ]
    return pd.DataFrame(rows)


def unit_table(
    weights: Weights, task: Task, numbers: Sequence[int], network: LayeredLearner = FAMILY_TREE_NETWORK
) -> pd.DataFrame:
    """The share of variance that each distinction explains in each unit: a row a network, layer, unit and distinction.

    Args:
        numbers: the number of each network, in the order of `weights`.

    Returns:
        Columns `network`, `layer`, `unit` (from 1), `distinction`, `weights` and `activities` (shares between 0 and 1),
        and `chance` (see `chance_level`). There is no row for a layer whose names nothing is known of.
    """
    import pandas as pd

    parts = []
    for name, layer in named_layers(weights, task, network).items():
        for distinction in distinctions(layer.group, task):
            groups = distinction.group_numbers(layer.names)
            of_weights, of_activities = (eta_squared(values, groups) for values in (layer.weights, layer.activities))
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


def encoding_words(table: pd.DataFrame, threshold: float = ENCODING_THRESHOLD) -> dict[tuple[str, int], str]:
    """What each unit of one network encodes, in words, by layer and unit; "" where it encodes nothing known.

    Args:
        table: `unit_table` of one network.
    """
    found: dict[tuple[str, int], str] = {}
    for (layer, unit), rows in table.groupby(["layer", "unit"], sort=False):
        strong = rows[rows["weights"] >= threshold].sort_values("weights", ascending=False)
        beyond = strong["weights"] > strong["chance"]
        words = strong["distinction"] + beyond.map({True: "", False: " (no more than by chance)"}).astype(str)
        found[str(layer), int(str(unit))] = " and ".join(words)
    return found


class Encoding(NamedTuple):
    """A distinction that a unit encodes."""

    distinction: str
    share: float
    """The share of the variance of the unit's weights that the distinction explains."""
    chance: float
    """The `chance_level` of the layer."""

    def __str__(self) -> str:
        beyond = "" if self.share > self.chance else f", by chance {self.chance:.0%}"
        return f"{self.distinction} ({self.share:.0%}{beyond})"


def encodings(
    weights: NDArray[np.float64], task: Task, group: str, threshold: float = ENCODING_THRESHOLD
) -> list[list[Encoding]]:
    """What each unit of a code encodes, the largest share first.

    Args:
        weights: of one network, from the names to the units, (names, units).
        task: the task whose people or relations the names are.
        group: "person" or "relation".
        threshold: the least share of variance that counts as encoding.
    """
    found: list[list[Encoding]] = [[] for _ in range(weights.shape[-1])]
    names = task.people if group == "person" else task.relations
    for distinction in distinctions(group, task):
        groups = distinction.group_numbers(names)
        chance = float(chance_level(weights[None], groups)[0])
        for unit, share in enumerate(eta_squared(weights, groups)):
            if share >= threshold:
                found[unit].append(Encoding(distinction.name, float(share), chance))
    return [sorted(of_unit, key=lambda each: -each.share) for of_unit in found]
