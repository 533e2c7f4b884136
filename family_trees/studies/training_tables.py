"""Trained networks as tables: a row a network, or a row a point of a learning curve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from family_trees.models.history import Curve
from family_trees.models.training import Trained

if TYPE_CHECKING:
    import pandas as pd


def network_table(*several: Trained) -> pd.DataFrame:
    """The networks of one or more trainings, a row a network: recipe, seed, held-out cases, and its last results."""
    import pandas as pd

    return pd.DataFrame(
        {
            "recipe": trained.recipe.name,
            "seed": trained.seed,
            "network": number,
            "sweeps": trained.recipe.sweeps,
            "squared_error": round(float(trained.curve.squared_error[place, -1]), 4),
            "training_cases": trained.training_cases[place],
            "training_right": trained.curve.training_right[place, -1],
            "held_out_cases": len(trained.held_out[place]),
            "held_out_right": trained.curve.held_out_right[place, -1],
            "first_sweep_all_training_right": _first_sweep_learned(trained, place),
            "held_out": "; ".join(map(str, trained.held_out[place])),
            "fingerprint": trained.fingerprints[place],
        }
        for trained in several
        for place, number in enumerate(trained.numbers)
    ).astype({"first_sweep_all_training_right": "Int64"})


def curve_table(*several: Trained) -> pd.DataFrame:
    """The learning curves of one or more trainings, a row a network and point."""
    import pandas as pd

    rows = [curve_rows(trained.recipe.name, trained.numbers, trained.curve) for trained in several]
    return pd.concat(rows, ignore_index=True)


def curve_rows(recipe: str, numbers: Sequence[int], curve: Curve) -> pd.DataFrame:
    """The learning curves of networks, a row a network and point.

    Args:
        recipe: its name, for the column `recipe`.
        numbers: the number of each network, in the order of `curve`.
    """
    import pandas as pd

    points = len(curve.sweep)
    return pd.DataFrame(
        {
            "recipe": recipe,
            "network": np.repeat(np.asarray(numbers), points),
            "sweep": np.tile(curve.sweep, len(numbers)),
            "squared_error": curve.squared_error.round(4).reshape(-1),
            "training_right": curve.training_right.reshape(-1),
            "held_out_right": curve.held_out_right.reshape(-1),
        }
    )


def curve_means(curves: pd.DataFrame) -> pd.DataFrame:
    """The mean learning curve of each recipe: a row a recipe and point.

    Args:
        curves: as `curve_table` gives them.

    Returns:
        Columns `networks`, and for each of `squared_error`, `training_right` and `held_out_right` the mean over the
        networks, with the ends of its 95% interval (normal approximation) in `..._low` and `..._high`. With one
        network, both ends are the mean.
    """
    keys, measures = ["recipe", "sweep"], ["squared_error", "training_right", "held_out_right"]
    groups = curves.groupby(keys, sort=False)[measures]
    mean, networks = groups.mean(), groups.size()
    half = 1.96 * groups.std(ddof=1).fillna(0).div(networks**0.5, axis=0)
    found = mean.join((mean - half).clip(lower=0).add_suffix("_low")).join((mean + half).add_suffix("_high"))
    found.insert(0, "networks", networks)
    return found.round(4).reset_index()


def _first_sweep_learned(trained: Trained, place: int) -> int | None:
    """The first point of the curve at which all training cases are right, if there is one."""
    points = np.flatnonzero(trained.curve.training_right[place] == trained.training_cases[place])
    return int(trained.curve.sweep[points[0]]) if points.size else None
