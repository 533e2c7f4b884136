"""Which step size and initial range does each method learn with? Writes scripts/studies/then-and-now.toml.

    family-trees study scripts/studies/then-and-now-search.toml --out studies/then-and-now-search
    python scripts/choose_then_and_now.py [--search studies/then-and-now-search] [--out FILE]

A step size that suits logistic units need not suit others, so each method gets its own. The rule (`choose`) was written
down before the search had run, and looks at training cases alone: the combination with the most networks that have all
of them right; among equals, the one that takes the fewest sweeps, then has the most training cases right.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import click
import pandas as pd

from family_trees.files import write_text
from family_trees.tables import study_summary

FILES = Path(__file__).parent / "studies"


def choose(summary: pd.DataFrame) -> dict[str, str]:
    """For each method, the end of the name of the recipe to take: its step size and initial range."""
    names = summary["recipe"].str.split(", epsilon_factor ", n=1, expand=True)
    table = summary.assign(method=names[0], numbers=names[1])
    ranked = table.sort_values(
        ["share_learned", "median_first_sweep_all_training_right", "training_share", "recipe"],
        ascending=[False, True, False, True],
    )
    first = ranked.groupby("method", sort=False).head(1).set_index("method")["numbers"]
    return {method: first[method] for method in dict.fromkeys(table["method"])}


def study_text(summary: pd.DataFrame) -> str:
    """The study file of all methods with the numbers that were chosen for them."""
    search: dict[str, Any] = tomllib.loads((FILES / "then-and-now-search.toml").read_text(encoding="utf-8"))
    lines = [
        "# Written by scripts/choose_then_and_now.py.",
        'title = "Then and now: the method of 1986 and what came after it"',
        "seed = 1998",
        "splits = 300",
        "held_out = 4",
        "checkpoints = [100, 200, 500, 1500]",
        'precision = "float32"',
        "",
        "[[recipes]]",
        'name = "published, as printed"',
        "sweeps = 5000",
    ]
    chosen = choose(summary)
    for table in search["recipes"]:
        factor, reach = chosen[table["name"]].split(", initial_range ")
        sweeps = 2000 if table.get("batch") == 1 else 5000  # a sweep of single cases is 100 weight changes
        settings = table | {"sweeps": sweeps, "epsilon_factor": float(factor), "initial_range": float(reach)}
        lines += ["", "[[recipes]]", *(f"{key} = {_toml(value)}" for key, value in settings.items())]
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


@click.command()
@click.option("--search", default=Path("studies/then-and-now-search"), type=click.Path(path_type=Path))
@click.option("--out", default=FILES / "then-and-now.toml", show_default=True, type=click.Path(path_type=Path))
def main(search: Path, out: Path) -> None:
    """Choose by the search, and write the study file."""
    summary = study_summary(pd.read_csv(search / "networks.csv"))
    for method, numbers in choose(summary).items():
        click.echo(f"{method}: epsilon_factor {numbers}")
    write_text(out, study_text(summary))
    click.echo(f"written: {out}")


if __name__ == "__main__":
    main()
