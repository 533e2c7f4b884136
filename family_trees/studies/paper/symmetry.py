"""The symmetry task of Nature, fig. 1, with and without hidden units, and XOR."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from family_trees.engine.network import select_networks
from family_trees.models import symmetry
from family_trees.studies.paper.jobs import (
    SMALL_BLOCK_NETWORKS,
    ExperimentJob,
    ReproductionSize,
    Tables,
    network_blocks,
)

if TYPE_CHECKING:
    import pandas as pd

HIDDEN_UNITS = (0, 2, 3, 4, 6, 8)
"""The numbers of hidden units that are tried."""


GENTLE_EPSILON = 0.02
"""A fifth of the printed epsilon of the symmetry task. With more hidden units, the steps of the printed one are too
large."""


XOR_SWEEPS = 3000
"""Sweeps of each network of the XOR task."""


def symmetry_jobs(size: ReproductionSize) -> list[ExperimentJob]:
    """The jobs of the experiment, the most hidden units first, as they take longest; then those of XOR."""
    blocks = network_blocks(size.symmetry, SMALL_BLOCK_NETWORKS)
    steps = (symmetry.PRINTED_RECIPE.epsilon[1], GENTLE_EPSILON)
    of_symmetry = [
        ExperimentJob("symmetry", "symmetry", hidden, epsilon, *some)
        for epsilon in steps
        for hidden in reversed(HIDDEN_UNITS)
        for some in blocks
    ]
    return of_symmetry + [ExperimentJob("symmetry", "XOR", 2, steps[0], *some) for some in blocks]


def do_symmetry_job(size: ReproductionSize, job: ExperimentJob) -> Tables:
    """Train the networks of one job. Those that fail with the printed epsilon go on with `GENTLE_EPSILON`.

    Returns:
        `networks`: a row a network, with its last results and, for two hidden units, the form of its weights.
        `solved`: how many networks have all cases right, after every 100 sweeps and after the printed number.
    """
    import pandas as pd

    task = symmetry.xor_task() if job.kind == "XOR" else symmetry.symmetry_task()
    sweeps = XOR_SWEEPS if job.kind == "XOR" else size.symmetry_sweeps
    recipe = replace(symmetry.PRINTED_RECIPE, epsilon=(job.epsilon, job.epsilon), sweeps=sweeps)
    run = symmetry.train_small_networks(
        *(task, recipe),
        networks=job.networks,
        first=job.first,
        hidden=int(job.number),
        seed=size.network_seed,
    )
    keys = {"task": job.kind, "hidden": int(job.number), "epsilon": job.epsilon}
    networks = pd.DataFrame(
        {
            **keys,
            "network": np.arange(job.first, job.first + job.networks),
            "sweeps": sweeps,
            "sweeps_to_solve": np.where(np.isfinite(run.sweeps_to_solve), run.sweeps_to_solve, np.nan),
            "cases_right": run.cases_right[:, -1],
            "on": symmetry.vectors_turned_on(run),
            "squared_error": run.squared_error.round(4),
            "solved": run.solved,
        }
    )
    unsolved = np.flatnonzero(~run.solved)
    if job.kind == "symmetry" and job.epsilon != GENTLE_EPSILON and job.number and unsolved.size:
        gentle = replace(recipe, epsilon=(GENTLE_EPSILON, GENTLE_EPSILON))
        hidden = int(job.number)
        onward = symmetry.train_small_networks(
            task, gentle, networks=unsolved.size, hidden=hidden, start=select_networks(run.weights, unsolved)
        )
        networks["solved_with_gentle_steps"] = pd.Series(onward.solved.astype(float), index=unsolved)
    else:
        networks["solved_with_gentle_steps"] = np.nan
    if job.kind == "symmetry" and job.number == 2:
        networks = networks.join(_form_table(symmetry.solution_form(run.weights), run.solved))
    written_sweeps = (run.sweep % 100 == 0) | (run.sweep == symmetry.PRINTED_SWEEPS)
    done = (run.cases_right == len(task.inputs)).sum(axis=0)
    solved = pd.DataFrame({**keys, "sweep": run.sweep, "networks": job.networks, "solved": done})
    return {"networks": networks, "solved": solved[written_sweeps]}


def _form_table(form: symmetry.SolutionForm, solved: NDArray[np.bool_]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        {
            "as_in_the_paper": form.as_in_the_paper & solved,
            "in_ratio_2_3_4": form.in_ratio_2_3_4 & solved,
            "mirrored": form.mirrored.max(axis=-1).round(4),
            "ratio_2": form.ratios[..., 1].mean(axis=-1).round(4),
            "ratio_4": form.ratios[..., 2].mean(axis=-1).round(4),
            "opposite": form.opposite.round(4),
            "hidden_biases_negative": np.all(form.hidden_biases < 0, axis=-1),
            "output_bias_positive": form.output_bias > 0,
        }
    )


def sum_up_symmetry(tables: Tables) -> Tables:
    """The tables of the experiment: `networks`; `solved`, summed over jobs; `ends`, how the networks end, counted."""
    keys = ["task", "hidden", "epsilon"]
    networks, solved = tables["networks"], tables["solved"]
    networks = networks.sort_values([*keys, "network"], ascending=[False, True, False, True], ignore_index=True)
    solved = solved.groupby([*keys, "sweep"], sort=False)[["networks", "solved"]].sum().reset_index()
    solved = solved.sort_values([*keys, "sweep"], ascending=[False, True, False, True], ignore_index=True)
    ends = networks.groupby([*keys, "cases_right", "on"], sort=False).agg(
        networks=("network", "size"),
        median_squared_error=("squared_error", "median"),
        solved_with_gentle_steps=("solved_with_gentle_steps", "sum"),
    )
    return {"networks": networks, "solved": solved, "ends": ends.reset_index()}
