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

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from family_trees.analysis.distinctions import distinctions
from family_trees.analysis.variance import chance_level, eta_squared, eta_squared_by_chance
from family_trees.engine.arrays import Array
from family_trees.engine.network import Architecture, Connection, Weights, forward, total_input, with_bias
from family_trees.engine.onehot import OneHot
from family_trees.engine.units import UNIT_FUNCTIONS
from family_trees.families.task import Task
from family_trees.models.layered import FAMILY_TREE_NETWORK

if TYPE_CHECKING:
    import pandas as pd

Code = Literal["person code", "relation code", "penultimate"]
"""The layers whose units have a name each for what they may encode: the people and relations of the question, and the
people of the answer."""


THRESHOLD = 0.5


THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


FINE_THRESHOLDS = tuple(k / 50 for k in range(1, 51))


class NamedLayer(NamedTuple):
    """The units of a layer by the names that they may encode."""

    group: str
    """Of what the names are: "person" or "relation"."""
    names: tuple[str, ...]
    weights: Array
    """(networks, names, units): from the names to the units; for the penultimate layer, from the units to the names."""
    activities: Array
    """(networks, names, units): while the name is asked about; for the penultimate layer, the mean over all questions
    that the name answers."""


def named_layers(weights: Weights, task: Task, network: Architecture = FAMILY_TREE_NETWORK) -> dict[Code, NamedLayer]:
    """What the units of the three layers have to do with people and relations; `weights` of any number of networks.

    Local codes are kept as places, and no layer has an activity for every person in every case: what is computed grows
    with the cases, and not with the cases times the people.
    """
    found: dict[Code, NamedLayer] = {}
    for group, names in (("person", task.people), ("relation", task.relations)):
        code = get_args(Code)[len(found)]
        layer = next(each for each in network.computed if each.name == code)
        alone = with_bias({group: OneHot.of([(k,) for k in range(len(names))], len(names))})
        x = total_input(network, weights, alone, layer)
        found[code] = NamedLayer(group, names, weights[Connection(group, code)], UNIT_FUNCTIONS[layer.kind].activity(x))
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
    """The activities of a code of the people of 1986 with the units that encode nationality at 0.

    Returns:
        (networks, names, units).
    """
    nationality, *_ = distinctions("person", task)
    encodes = eta_squared(code.weights, nationality.of(code.names)) >= THRESHOLD
    return np.where(encodes[:, None], 0.0, code.activities)


def chance_table(weights: Weights, task: Task) -> pd.DataFrame:
    """How often the best unit of a layer reaches a threshold by chance: its names shuffled, for every network.

    Columns `layer`, `distinction`, `threshold` (`FINE_THRESHOLDS`), and counts of shuffles: `tried`, of 20 for each
    network, and `reached`.
    """
    import pandas as pd

    rows = []
    for name, layer in named_layers(weights, task).items():
        for distinction in distinctions(layer.group, task):
            best = eta_squared_by_chance(layer.weights, distinction.of(layer.names)).max(axis=-1)
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
    for name, layer in named_layers(weights, task, network).items():
        for distinction in distinctions(layer.group, task):
            groups = distinction.of(layer.names)
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


def encoding_words(table: pd.DataFrame, threshold: float = THRESHOLD) -> dict[tuple[str, int], str]:
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


class Encoding(NamedTuple):
    """That a unit encodes a distinction."""

    distinction: str
    share: float
    """Of the variance of its weights that the distinction explains."""
    chance: float
    """`chance_level` of its layer."""

    def __str__(self) -> str:
        beyond = "" if self.share > self.chance else f", by chance {self.chance:.0%}"
        return f"{self.distinction} ({self.share:.0%}{beyond})"


def encodings(
    weights: NDArray[np.floating], task: Task, group: str, threshold: float = THRESHOLD
) -> list[list[Encoding]]:
    """What each unit of a code encodes, strongest first.

    Args:
        weights: of one network, from the names to the units, (names, units).
        task: whose people or relations the names are.
        group: "person" or "relation".
    """
    found: list[list[Encoding]] = [[] for _ in range(weights.shape[-1])]
    names = task.people if group == "person" else task.relations
    for distinction in distinctions(group, task):
        groups = distinction.of(names)
        chance = float(chance_level(weights[None], groups)[0])
        for unit, share in enumerate(eta_squared(weights, groups)):
            if share >= threshold:
                found[unit].append(Encoding(distinction.name, float(share), chance))
    return [sorted(told, key=lambda each: -each.share) for told in found]
