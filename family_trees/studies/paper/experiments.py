"""The experiments behind the claims: jobs that can be done in any order, and the tables that they give.

- *learning*: networks of the printed recipe and of the default one (Nature, fig. 4).
- *units*: what the hidden units of many networks encode, when they come to, and how useful they are (Nature, fig. 4).
- *symmetry*: the symmetry task with and without hidden units (Nature, fig. 1), and XOR.
- *iterative*: networks whose layers share weights, on a task that needs memory (Nature, fig. 5).

A job trains some networks and gives tables. An experiment puts the tables of its jobs one below the other, and sums
them up. Network k of a seed is the same network, however the networks are divided into jobs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from family_trees.studies.paper.iterative import do_iterative_job, iterative_jobs, sum_up_iterative
from family_trees.studies.paper.jobs import Experiment, ExperimentJob, ExperimentName, ReproductionSize, Tables
from family_trees.studies.paper.learning import do_learning_job, learning_jobs, sum_up_learning
from family_trees.studies.paper.symmetry import do_symmetry_job, sum_up_symmetry, symmetry_jobs
from family_trees.studies.paper.units import do_units_job, sum_up_units, units_jobs

EXPERIMENTS: Mapping[ExperimentName, Experiment] = {
    "learning": Experiment(learning_jobs, do_learning_job, sum_up_learning),
    "units": Experiment(units_jobs, do_units_job, sum_up_units),
    "symmetry": Experiment(symmetry_jobs, do_symmetry_job, sum_up_symmetry),
    "iterative": Experiment(iterative_jobs, do_iterative_job, sum_up_iterative),
}


def do_job(size: ReproductionSize, job: ExperimentJob) -> Tables:
    """Train the networks of one job, and give its tables."""
    return EXPERIMENTS[job.experiment].do(size, job)


def sum_up(experiment: ExperimentName, parts: Sequence[Tables]) -> Tables:
    """The tables of an experiment, from the tables of its jobs.

    Args:
        parts: the tables of each job, in the order of the jobs.
    """
    import pandas as pd

    joined = {
        # A table without rows, of a job none of whose networks learned, has columns without a type.
        name: pd.concat([part[name] for part in parts if len(part[name])] or [parts[0][name]], ignore_index=True)
        for name in parts[0]
    }
    return EXPERIMENTS[experiment].sum_up(joined)
