"""Iterative networks, whose layers share weights, on a task that needs memory (Nature, fig. 5)."""

from __future__ import annotations

import numpy as np

from family_trees.models import iterative
from family_trees.studies.paper.jobs import SMALL_BLOCK, Job, Size, Tables, blocks_of
from family_trees.support.intervals import wilson

STEPS = tuple(range(3, 11))


UNITS = 4


def _iterative_jobs(size: Size) -> list[Job]:
    return [
        Job("iterative", "memory", steps, 0, *some)
        for steps in reversed(STEPS)
        for some in blocks_of(size.iterative, SMALL_BLOCK)
    ]


def _iterative(size: Size, job: Job) -> Tables:
    import pandas as pd

    steps, seed = int(job.number), size.network_seed
    run = iterative.train_memory_networks(steps, UNITS, networks=job.networks, first=job.first, seed=seed)
    to_learn = np.where(np.isfinite(run.sweeps_to_learn), run.sweeps_to_learn, np.nan)
    numbers = np.arange(job.first, job.first + job.networks)
    networks = pd.DataFrame({"steps": steps, "units": UNITS, "network": numbers, "sweeps_to_learn": to_learn})
    check = [{"steps": steps, "gradient_error": iterative.gradient_error(steps, UNITS, seed)}] if job.first == 0 else []
    return {"networks": networks, "gradient": pd.DataFrame(check, columns=["steps", "gradient_error"])}


def _sum_up_iterative(tables: Tables) -> Tables:
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
