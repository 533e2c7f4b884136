"""How well can the method do? Chooses the numbers with the highest held-out accuracy. Writes results/best-choice.csv.

    python scripts/choose_best.py [--work studies/best-search] [--workers N] [--out results/best-choice.csv]

The network, the equations, the full batch, momentum and decay are those of 1986. Every number may change, and the
error may be cross-entropy. Held-out accuracy decides, because that is the question; for the default recipe it has no
say. So the search has splits of its own (seeds 2101 to 2104, other splits in each round). The chosen recipe is then
measured on 1,000 others, those of the studies `held-out` and `successors` (scripts/studies/best.toml).

The rule:

1. Draw 256 recipes at random (`drawn_recipe`), and train each on 32 splits for 4,000 sweeps.
2. Take the 24 recipes with the highest share of held-out cases right, by the paper's criterion, and 24 variations of
   them (`varied_recipe`). Train each on 64 splits for 12,000 sweeps.
3. Take the best 8 of these, on 96 splits for 50,000 sweeps.
4. Take the best 2, on 96 splits for 200,000 sweeps.

The recipe and number of sweeps (50,000, 100,000 or 200,000) with the highest share in round 4 is chosen. A stopped
search goes on where it was. About half an hour on two cores.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click
import numpy as np
import pandas as pd

from family_trees.engine.recipe import PUBLISHED, Recipe
from family_trees.studies.run import run_study
from family_trees.studies.study_file import Study
from family_trees.studies.summaries import study_summary
from family_trees.support.files import write_text

SEED = 2101
STUDY_FILES = Path(__file__).parent / "studies"
MARGINS = (0.1, 0.2, 0.3, 0.4)
"""The margins that are tried."""
ROUNDS: tuple[tuple[int, int, tuple[int, ...], int, int], ...] = (
    (32, 4000, (), 24, 24),
    (64, 12_000, (), 8, 0),
    (96, 50_000, (20_000,), 2, 0),
    (96, 200_000, (50_000, 100_000), 1, 0),
)
"""For each round: splits, sweeps, earlier checkpoints, recipes to keep, and variations to add for the next round."""


def _logarithmic(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _recipe(name: str, epsilon: float, slowness: float, decay: float, reach: float, other: Recipe) -> Recipe:
    """`other` with these numbers, to three digits. As in the paper, epsilon is half as large in the first phase.

    Args:
        slowness: 1 - alpha.
        reach: the initial range.
    """
    epsilon, slowness, decay, reach = (float(f"{value:.3g}") for value in (epsilon, slowness, decay, reach))
    return replace(
        other,
        name=name,
        epsilon=(epsilon / 2, epsilon),
        alpha=(0.5, round(1 - slowness, 5)),
        decay=decay,
        initial_range=reach,
    )


def drawn_recipe(rng: np.random.Generator, name: str) -> Recipe:
    """A recipe with every number drawn at random, most of them uniformly on a logarithmic scale."""
    squared = rng.random() < 0.5
    other = replace(
        PUBLISHED,
        error_signal="squared" if squared else "cross-entropy",
        margin=float(rng.choice(MARGINS)),
        decay_biases=bool(rng.random() < 0.5),
    )
    epsilon = _logarithmic(rng, 0.015, 0.6) if squared else _logarithmic(rng, 0.003, 0.12)
    decay, reach = _logarithmic(rng, 1e-4, 6e-3), _logarithmic(rng, 0.5, 5)
    return _recipe(name, epsilon, _logarithmic(rng, 0.02, 0.3), decay, reach, other)


def varied_recipe(rng: np.random.Generator, name: str, parent: Recipe) -> Recipe:
    """A recipe near `parent`: each number is multiplied by a factor between 1/1.6 and 1.6.

    Half of the time the margin changes by one step.
    """
    if isinstance(parent.initial_range, tuple):
        raise TypeError("a recipe of the search has one initial range for all layers")
    epsilon, slowness, decay, reach = (
        value * _logarithmic(rng, 1 / 1.6, 1.6)
        for value in (parent.epsilon[1], 1 - parent.alpha[1], parent.decay, parent.initial_range)
    )
    step = int(rng.choice([-1, 0, 0, 1]))
    margin = MARGINS[int(np.clip(MARGINS.index(parent.margin) + step, 0, len(MARGINS) - 1))]
    return _recipe(name, epsilon, min(slowness, 1.0), decay, reach, replace(parent, margin=margin))


def best_recipes(summary: pd.DataFrame, recipes: Sequence[Recipe], count: int) -> list[Recipe]:
    """The `count` recipes with the highest share of held-out cases right after the last sweep, the best first."""
    last = summary[summary["sweep"] == summary["sweep"].max()]
    ranked = last.sort_values(["held_out_share", "recipe"], ascending=[False, True])["recipe"].head(count)
    by_name = {recipe.name: recipe for recipe in recipes}
    return [by_name[name] for name in ranked]


@click.command()
@click.option("--work", default=Path("studies/best-search"), show_default=True, type=click.Path(path_type=Path))
@click.option("--workers", default=os.cpu_count(), show_default=True, help="Processes.")
@click.option("--out", default=Path("results/best-choice.csv"), show_default=True, type=click.Path(path_type=Path))
def main(work: Path, workers: int, out: Path) -> None:
    """Search in four rounds, write the results of all recipes, and print the choice."""
    rng = np.random.default_rng(SEED)
    recipes = [drawn_recipe(rng, f"drawn {k}") for k in range(256)]
    summaries = []
    for number, (splits, sweeps, checkpoints, survivor_count, variations) in enumerate(ROUNDS):
        study = Study(
            f"The best that the method can do: round {number + 1} of the search",
            tuple(replace(recipe, sweeps=sweeps) for recipe in recipes),
            splits,
            checkpoints=checkpoints,
            seed=SEED + number,
        )
        directory = work / f"round-{number + 1}"

        def report(done: int, total: int, number: int = number) -> None:
            click.echo(f"\rround {number + 1}: {done:,} of {total:,} networks", nl=False, err=True)

        run_study(study, directory, workers=workers, resume=True, report=report)
        summary = study_summary(pd.read_csv(directory / "networks.csv"))
        with_numbers = summary.merge(_numbers(recipes), on="recipe").assign(round=number + 1)
        summaries.append(with_numbers.sort_values("held_out_share", ascending=False))
        survivors = best_recipes(summary, recipes, survivor_count)
        recipes = survivors + [
            varied_recipe(rng, f"varied {k}", survivors[int(rng.integers(len(survivors)))]) for k in range(variations)
        ]
    table = pd.concat(summaries, ignore_index=True)
    write_text(out, table.to_csv(index=False, lineterminator="\n"))
    for name, text in study_texts(pd.read_csv(out)).items():
        write_text(STUDY_FILES / name, text)
    click.echo(f"\nchosen:\n{chosen_row(table).to_string()}\n\nwritten: {out}, {' and '.join(study_texts(table))}")


def chosen_row(table: pd.DataFrame) -> pd.Series:
    """The row with the highest share of held-out cases right in the last round: the chosen recipe and sweeps."""
    final = table[table["round"] == table["round"].max()]
    row: pd.Series = final.sort_values("held_out_share", ascending=False, kind="stable").iloc[0]
    return row


def study_texts(table: pd.DataFrame) -> dict[str, str]:
    """The study files that measure the chosen recipe on fresh splits, by file name.

    `best` has the splits of the studies `held-out` and `successors`, `best-sizes` those of `held-out-sizes` and
    `successors-sizes`, and `best-committees` those of `committees`, so that all can be compared.
    """
    row = chosen_row(table)
    recipe = f"""
[[recipes]]
name = "best"
sweeps = {int(row["sweep"])}
epsilon = [{row["epsilon"] / 2:.6g}, {row["epsilon"]:.6g}]
alpha = [0.5, {row["alpha"]:.6g}]
decay = {row["decay"]:.6g}
margin = {row["margin"]:.6g}
initial_range = {row["initial_range"]:.6g}
error_signal = "{row["error_signal"]}"
decay_biases = {str(bool(row["decay_biases"])).lower()}
"""
    head = "# Written by scripts/choose_best.py.\n"
    checkpoints = ", ".join(str(sweep) for sweep in (1500, 5000, 20_000, 50_000, 100_000) if sweep < row["sweep"])
    return {
        "best.toml": f"""{head}title = "The best that the method can do, on fresh splits"
seed = 1987
splits = 1000
held_out = 4
checkpoints = [{checkpoints}]
{recipe}""",
        "best-sizes.toml": f"""{head}title = "How little is enough for the best that the method can do"
seed = 1989
splits = 32
held_out = [1, 8, 26, 52]
{recipe}""",
        "best-committees.toml": f"""{head}title = "Committees of the best that the method can do"
seed = 1996
splits = 32
seeds = 8
held_out = 4
committees = [1, 2, 4, 8]
{recipe}""",
    }


def _numbers(recipes: Sequence[Recipe]) -> pd.DataFrame:
    """The numbers that the search may change, a row a recipe."""
    keys = ("epsilon", "alpha", "decay", "margin", "initial_range", "error_signal", "decay_biases")
    return pd.DataFrame(
        {"recipe": recipe.name}
        | {key: value[1] if isinstance(value := getattr(recipe, key), tuple) else value for key in keys}
        for recipe in recipes
    )


if __name__ == "__main__":
    main()
