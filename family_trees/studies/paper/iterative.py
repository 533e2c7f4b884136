"""Iterative networks, whose layers share weights, on a task that needs memory (Nature, fig. 5)."""

from __future__ import annotations

import numpy as np

from family_trees.models import iterative
from family_trees.studies.paper.jobs import (
    SMALL_BLOCK_NETWORKS,
    ExperimentJob,
    ReproductionSize,
    Tables,
    network_blocks,
)
from family_trees.support.intervals import wilson

SEQUENCE_STEPS = tuple(range(3, 11))
"""The lengths of the sequences whose first bit is to be remembered, in steps."""


ITERATIVE_UNITS = 4
"""The units of each network."""


def iterative_jobs(size: ReproductionSize) -> list[ExperimentJob]:
    """The jobs of the experiment, the longest sequences first, as they take longest."""
    return [
        ExperimentJob("iterative", "memory", steps, 0, *some)
        for steps in reversed(SEQUENCE_STEPS)
        for some in network_blocks(size.iterative, SMALL_BLOCK_NETWORKS)
    ]


def do_iterative_job(size: ReproductionSize, job: ExperimentJob) -> Tables:
    """Train the iterative networks of one job.

    Returns:
        `networks`: a row a network, with `sweeps_to_learn` (missing where it did not learn). `gradient`: in the first
        job of each length, the difference between the averaged gradient and finite differences; else no row.
    """
    import pandas as pd

    steps, seed = int(job.number), size.network_seed
    sweeps = iterative.sweeps_to_learn_memory(steps, ITERATIVE_UNITS, networks=job.networks, first=job.first, seed=seed)
    to_learn = np.where(np.isfinite(sweeps), sweeps, np.nan)
    numbers = np.arange(job.first, job.first + job.networks)
    networks = pd.DataFrame({"steps": steps, "units": ITERATIVE_UNITS, "network": numbers, "sweeps_to_learn": to_learn})
    check = (
        [{"steps": steps, "gradient_error": iterative.gradient_error(steps, ITERATIVE_UNITS, seed)}]
        if job.first == 0
        else []
    )
    return {"networks": networks, "gradient": pd.DataFrame(check, columns=["steps", "gradient_error"])}


def sum_up_iterative(tables: Tables) -> Tables:
    """The tables of the experiment: `networks`, sorted, and `steps`, a row a length of the sequences."""
    import pandas as pd

    errors = tables["gradient"].astype(float).set_index("steps")["gradient_error"]
    rows = []
    for steps, of in tables["networks"].groupby("steps"):
        count = int(of["sweeps_to_learn"].notna().sum())
        low, high = wilson(count, len(of))
        median = float(np.median(of["sweeps_to_learn"].fillna(np.inf)))
        rows.append(
            {
                "steps": steps,
                "units": of["units"].iloc[0],
                "networks": len(of),
                "learned": count,
                "share_learned": round(count / len(of), 4),
                "share_learned_low": round(low, 4),
                "share_learned_high": round(high, 4),
                "median_sweeps_to_learn": median if np.isfinite(median) else np.nan,
                "gradient_error": float(f"{errors[steps]:.1g}"),
            }
        )
    return {"networks": tables["networks"].sort_values(["steps", "network"]), "steps": pd.DataFrame(rows)}
