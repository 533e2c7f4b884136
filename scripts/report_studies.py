"""What the studies found: tables, figures and findings, from the tables that `family-trees study` wrote.

    for s in published-ranges smallest-change held-out each-case held-out-sizes float32 float64; do
        family-trees study scripts/studies/$s.toml --out studies/$s
    done
    python scripts/report_studies.py [--studies studies] [--out results/studies]

The studies take about 25 minutes on two cores, the report a few seconds. Every number in README.md of the output is
computed here from the tables.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import click
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from family_trees.families import RELATIONS, load_families
from family_trees.figures import draw_case_map, draw_grid, draw_held_out, save_figure
from family_trees.files import staged_directory, write_text
from family_trees.intervals import bootstrap_mean, difference
from family_trees.tables import case_summary, held_out_distribution, study_summary
from family_trees.task import family_trees_task

FILES = Path(__file__).parent / "studies"


def percent(share: float, low: float, high: float) -> str:
    """A share with its interval, in percent."""
    return f"{share:.1%} ({low:.1%} to {high:.1%})"


def at(table: pd.DataFrame, recipe: str, sweep: int, size: int | None = None) -> pd.Series:
    """The row of a recipe and checkpoint."""
    rows = table[(table["recipe"] == recipe) & (table["sweep"] == sweep)]
    return (rows if size is None else rows[rows["held_out_cases"] == size]).iloc[0]


def section(name: str, finding: str, *files: str) -> str:
    """A study in the report: its title, how to run it, its finding, its files."""
    title = tomllib.loads((FILES / f"{name}.toml").read_text(encoding="utf-8"))["title"]
    shown = "\n\n".join(f"![{title}]({file})" for file in files if file.endswith(".png"))
    tables = ", ".join(f"[{file}]({file})" for file in files if file.endswith(".csv"))
    command = f"family-trees study scripts/studies/{name}.toml --out studies/{name}"
    parts = [f"## {title}", finding, shown, f"Tables: {tables}. To run it: `{command}`."]
    return "\n\n".join(part for part in parts if part)


def _grid(table: pd.DataFrame) -> tuple[dict[str, NDArray[np.float64]], tuple[list[str], list[str]]]:
    """The share learned by epsilon factor and initial range, for each of the named recipes; and the two axes."""
    axes = tomllib.loads((FILES / "smallest-change.toml").read_text(encoding="utf-8"))["axes"]
    factors, ranges = (list(map(str, axes[key])) for key in ("epsilon_factor", "initial_range"))
    learned = table.set_index("recipe")["share_learned"]
    names = list(dict.fromkeys(recipe.split(",")[0] for recipe in table["recipe"]))
    found = {
        name: np.array(
            [[learned[f"{name}, epsilon_factor {f}, initial_range {r}"] for r in ranges] for f in factors], dtype=float
        )
        for name in names
    }
    return found, (factors, ranges)


@click.command()
@click.option("--studies", default=Path("studies"), show_default=True, type=click.Path(path_type=Path))
@click.option("--out", default=Path("results/studies"), show_default=True, type=click.Path(path_type=Path))
def main(studies: Path, out: Path) -> None:
    """Sum up the studies, draw them, and say what they found."""
    with staged_directory(out) as directory:

        def networks(name: str) -> pd.DataFrame:
            return pd.read_csv(studies / name / "networks.csv")

        def written(table: pd.DataFrame, name: str) -> pd.DataFrame:
            write_text(directory / name, table.to_csv(index=False, lineterminator="\n"))
            return table

        sections = []

        ranges = written(study_summary(networks("published-ranges")), "published-ranges.csv")
        last = ranges[ranges["sweep"] == 1500]
        most, early = (table.sort_values("training_share").iloc[-1] for table in (last, ranges))
        interval = percent(most["training_share"], most["training_share_low"], most["training_share_high"])
        sections.append(
            section(
                "published-ranges",
                f"Of {last['networks'].sum()} networks of the printed recipe, over {len(last)} initial ranges, "
                f"{round((last['share_learned'] * last['networks']).sum())} learned their training cases. At the best "
                f"range, {most['recipe'].split()[-1]}, a network has {interval} of them right after 1500 sweeps. At "
                f"no checkpoint and range is it more than {early['training_share']:.1%}.",
                "published-ranges.csv",
            )
        )

        changes = written(study_summary(networks("smallest-change")), "smallest-change.csv")
        shares, sizes_of = _grid(changes)
        titles = {"squared": "error of the paper", "cross-entropy": "error signal y - d"}
        words = (
            "epsilon, times the printed",
            "initial weights between - and +",
            "networks with all training cases right",
        )
        grid = draw_grid({titles[name]: share for name, share in shares.items()}, *sizes_of, words)
        save_figure(grid, directory / "smallest-change.png")
        learned = changes.sort_values("share_learned", ascending=False)
        squared, crossed = (learned[learned["recipe"].str.startswith(name)].iloc[0] for name in shares)
        printed = changes[changes["recipe"].str.startswith("squared, epsilon_factor 1,")]
        sections.append(
            section(
                "smallest-change",
                f"{changes['networks'].iloc[0]} networks for each of {len(changes)} combinations, 1500 sweeps. With "
                "the printed epsilon and the paper's error, at any range, "
                f"{round((printed['share_learned'] * printed['networks']).sum())} of {printed['networks'].sum()} "
                "networks learn all training cases. With the best of the larger steps "
                f"({squared['recipe'].split(', ', 1)[1]}), "
                f"{percent(*squared[['share_learned', 'share_learned_low', 'share_learned_high']])} do; with the error "
                f"signal y - d, the best ({crossed['recipe'].split(', ', 1)[1]}) has "
                f"{percent(*crossed[['share_learned', 'share_learned_low', 'share_learned_high']])}. The best of many "
                "looks better than it is.",
                "smallest-change.png",
                "smallest-change.csv",
            )
        )

        raw = networks("held-out")
        held_out = written(study_summary(raw), "held-out.csv")
        distribution = written(held_out_distribution(raw), "held-out-distribution.csv")
        save_figure(draw_held_out(held_out, "sweep", "sweeps (logarithmic)"), directory / "held-out.png")
        lines = []
        for recipe in held_out["recipe"].unique():
            for sweep in (1500, 20000):
                row, chances = at(held_out, recipe, sweep), at(distribution, recipe, sweep)
                lines.append(
                    f"- `{recipe}`, {sweep:,} sweeps: "
                    f"{percent(row['held_out_share'], row['held_out_share_low'], row['held_out_share_high'])} of the "
                    f"held-out cases right; all four in "
                    f"{percent(*chances[['all_right', 'all_right_low', 'all_right_high']])} of networks; at least 7 of "
                    "8 in "
                    + percent(*chances[[f"two_networks_all_but_one{end}" for end in ("", "_low", "_high")]])
                    + f" of pairs; by best unit, {row['held_out_share_best']:.1%} right."
                )
        sections.append(
            section(
                "held-out",
                f"{at(held_out, 'larger-steps', 1500)['networks']} random splits, which both recipes share, one "
                "network a recipe on each. The paper has 4 of 4 right, and Hinton's report 7 of 8 for two networks. "
                "Intervals are 95%.\n\n" + "\n".join(lines),
                "held-out.png",
                "held-out.csv",
                "held-out-distribution.csv",
            )
        )

        task = family_trees_task()
        each = written(case_summary(pd.read_csv(studies / "each-case" / "cases.csv")), "each-case.csv")
        final = each[each["sweep"] == each["sweep"].max()]
        save_figure(draw_case_map(final, task), directory / "each-case.png")
        by_relation = final.groupby("relation")["right"].mean().reindex(RELATIONS).sort_values()
        nationality = {person.name: person.nationality for person in load_families().people}
        by_nation = final.groupby(final["person"].map(nationality))["right"].mean()
        equivalent = {person.name: person.equivalent for person in load_families().people}
        shares = final.set_index(["person", "relation"])["right"]
        english = [key for key in shares.index if nationality[key[0]] == "English"]
        pairs = np.array([[shares[key], shares[equivalent[key[0]], key[1]]] for key in english])
        predicted = final["right"].mean()
        measured = at(held_out, "larger-steps", 5000)
        sections.append(
            section(
                "each-case",
                f"{final['networks'].iloc[0]} networks for each of the {len(final)} cases, "
                f"{final['sweep'].iloc[0]:,} sweeps. How often a fact is inferred differs from "
                f"{final['right'].min():.0%} to {final['right'].max():.0%}; by relation, from "
                f"{by_relation.iloc[0]:.0%} ({by_relation.index[0]}) to {by_relation.iloc[-1]:.0%} "
                f"({by_relation.index[-1]}). English facts are inferred by {by_nation['English']:.1%} of networks, "
                f"Italian ones by {by_nation['Italian']:.1%}; the shares of a fact and of its equivalent correlate "
                f"with r = {np.corrcoef(pairs.T)[0, 1]:.2f} over {len(pairs)} pairs. The mean over all cases is "
                f"{percent(predicted, *bootstrap_mean(final['right']))}, bootstrap over cases; four random cases held "
                "out together come, after as many sweeps, to "
                f"{percent(*measured[['held_out_share', 'held_out_share_low', 'held_out_share_high']])}.",
                "each-case.png",
                "each-case.csv",
            )
        )

        sizes = written(study_summary(networks("held-out-sizes")), "held-out-sizes.csv")
        long = sizes[sizes["sweep"] == sizes["sweep"].max()]
        save_figure(
            draw_held_out(long, "held_out_cases", "cases held out, of 104 (logarithmic)"),
            directory / "held-out-sizes.png",
        )
        steps = ", ".join(f"{row.held_out_share:.0%} with {row.held_out_cases}" for row in long.itertuples(index=False))
        sections.append(
            section(
                "held-out-sizes",
                f"{long['networks'].iloc[0]} networks for each size, {long['sweep'].iloc[0]:,} sweeps. The share of "
                f"held-out cases that is right, by how many are held out: {steps}.",
                "held-out-sizes.png",
                "held-out-sizes.csv",
            )
        )

        single, double = (study_summary(networks(name)) for name in ("float32", "float64"))
        both = pd.concat([single.assign(precision="float32"), double.assign(precision="float64")])
        written(both, "precision.csv")
        told = []
        for recipe in single["recipe"]:
            one, other = (table[table["recipe"] == recipe].iloc[0] for table in (single, double))
            counts = tuple(round(row["share_learned"] * row["networks"]) for row in (one, other))
            low, high = difference(counts, (int(one["networks"]), int(other["networks"])))
            told.append(
                f"`{recipe}`: {one['share_learned']:.1%} and {other['share_learned']:.1%} of networks learn all "
                f"training cases (difference {low:+.1%} to {high:+.1%}), "
                f"{percent(*one[['held_out_share', 'held_out_share_low', 'held_out_share_high']])} and "
                f"{percent(*other[['held_out_share', 'held_out_share_low', 'held_out_share_high']])} of held-out cases "
                "are right"
            )
        sections.append(
            section(
                "float32",
                f"{single['networks'].iloc[0]} networks of each of two recipes, from the same first weights, in "
                f"float32 and in float64 (`float64.toml`). {'; '.join(told)}. Single networks differ, for rounding "
                "grows over the sweeps.",
                "precision.csv",
            )
        )

        head = (
            "# Studies\n\nWritten by `python scripts/report_studies.py` from the tables of `family-trees study`; "
            "[scripts/studies/](../../scripts/studies/) holds the study files, and says what the columns mean. "
            "Held-out cases chose none of the recipes here: they were chosen by training cases, on another seed."
        )
        write_text(directory / "README.md", "\n\n".join([head, *sections]) + "\n")
    click.echo(f"written: {out / 'README.md'}, tables and figures beside it")


if __name__ == "__main__":
    main()
