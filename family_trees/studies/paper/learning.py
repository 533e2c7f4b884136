"""Learning: networks of the printed recipe and of the default one (Nature, fig. 4)."""

from __future__ import annotations

from family_trees.engine.recipe import DEFAULT, PUBLISHED, find_recipe
from family_trees.families.of_1986 import family_trees_task
from family_trees.models.training import train
from family_trees.studies.paper.jobs import BLOCK_NETWORKS, ExperimentJob, ReproductionSize, Tables, network_blocks
from family_trees.studies.training_tables import curve_means, curve_table, network_table


def learning_jobs(size: ReproductionSize) -> list[ExperimentJob]:
    """The jobs of the experiment: those of the printed recipe, then those of the default one."""
    return [
        ExperimentJob("learning", recipe.name, 0, 0, *some)
        for recipe in (PUBLISHED, DEFAULT)
        for some in network_blocks(size.learning, BLOCK_NETWORKS)
    ]


def do_learning_job(size: ReproductionSize, job: ExperimentJob) -> Tables:
    """Train the networks of one job: `networks` as `network_table` has it, `curve` as `curve_table` has it."""
    trained = train(
        family_trees_task(),
        find_recipe(job.kind),
        seed=size.seed,
        first=job.first,
        networks=job.networks,
        block=BLOCK_NETWORKS,
    )
    return {"networks": network_table(trained), "curve": curve_table(trained)}


def sum_up_learning(tables: Tables) -> Tables:
    """The tables of the experiment: `networks`, and the mean curve of each recipe."""
    return {"networks": tables["networks"], "curve": curve_means(tables["curve"])}
