"""How well do the recipes learn? Writes data/recipes.csv, which `family-trees recipes` and the documents quote.

    python scripts/measure_recipes.py [--networks 10000] [--workers N] [--out data/recipes.csv]

Each recipe trains networks with first weights and four held-out cases of their own. Those of `published` and
`larger-steps` are the very networks of `reproduce --full`, so the README and the report quote one sample. Nothing was
chosen on this seed. About fifteen minutes on two cores.
"""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import click
from side_by_side import in_order

from family_trees.engine.recipe import RECIPES
from family_trees.families.of_1986 import family_trees_task
from family_trees.models.training import train
from family_trees.studies.measured_recipes import RecipeSummary, recipe_summary_table, summarise_recipe
from family_trees.studies.paper.jobs import FULL_SIZE
from family_trees.support.files import write_text

SEED = 0
"""That of `reproduce`, and none of scripts/choose_recipe.py: there, the best of many candidates looks better than it
is."""


def measure(name: str, networks: int) -> RecipeSummary:
    """The summary of `networks` networks of the recipe called `name`."""
    recipe = RECIPES[name]
    return summarise_recipe(train(family_trees_task(), recipe, seed=SEED, networks=networks, every=recipe.sweeps))


@click.command()
@click.option("--networks", default=FULL_SIZE.learning, show_default=True, help="Networks for each recipe.")
@click.option("--workers", default=os.cpu_count(), show_default=True, help="Processes.")
@click.option("--out", default=Path("data/recipes.csv"), show_default=True, type=click.Path(path_type=Path))
def main(networks: int, workers: int, out: Path) -> None:
    """Measure every recipe of the package and write the table."""
    summaries = in_order(partial(measure, networks=networks), list(RECIPES), label="recipes", workers=workers)
    write_text(out, recipe_summary_table(summaries).to_csv(index=False, lineterminator="\n"))
    for summary in summaries:
        click.echo(f"{summary.recipe}: {summary.text()}")
    click.echo(f"written: {out}")


if __name__ == "__main__":
    main()
