"""The numbers that README.md, README.ko.md and the documents tell: each by a name, each made from a table.

In a text a number is a link whose label is its name: `[99.8%][matrices-right]`. `write_numbers.py` writes it, and leads
the link to the table. A whole table is found by its first line, and what a command prints by its first words.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from click.testing import CliRunner

from family_trees.analysis.encoding import ENCODING_THRESHOLD
from family_trees.cli import cli
from family_trees.engine.recipe import DEFAULT
from family_trees.models.saved import load
from family_trees.studies.measured_recipes import measured_summaries
from family_trees.studies.paper.rules import FEWEST_IGNORING_UNITS, IGNORED_BELOW
from family_trees.studies.paper.verdicts import committed_rows
from family_trees.support.data import data_file
from family_trees.support.intervals import wilson
from family_trees.support.prose import fixed, interval, percent, signed, thousands

ROOT = data_file("people.csv").parent.parent
STUDIES = "results/studies"

Told = tuple[str, str]
"""A number as prose has it, and the file from which it comes."""


@cache
def numbers() -> Mapping[str, Told]:
    """All numbers by name."""
    return {
        **_claims(),
        **_recipes(),
        **_studies(),
        **_reproduction(),
        **_fingerprints(),
        **_families(),
        **_relations(),
    }


@cache
def tables() -> Mapping[str, list[str]]:
    """The lines of all tables below their head, by the first line of the head."""
    found = [_recipe_table(), _family_table(), _planted_table(), _scale_table(), _relations_table()]
    return {head: lines for head, *lines in found}


@cache
def shown() -> Mapping[str, list[str]]:
    """What commands print, as blocks of code show it, by the first line."""
    head, *lines = CliRunner().invoke(cli, ["query", "Colin", "aunt"]).stdout.splitlines()
    return {head: lines}


def _claims() -> dict[str, Told]:
    source, claims = "results/claims.md", committed_rows()
    verdicts = Counter(row.verdict for row in claims)
    found = {
        "claims": str(len(claims)),
        "replicated": str(verdicts["replicated"]),
        "partly": str(verdicts["partly"] + verdicts["undecided"]),
        "not-replicated": str(verdicts["not replicated"]),
    }
    for row in claims:
        share = (row.value, row.low, row.high)
        found[row.id] = signed(share) if row.kind == "difference" else interval(share)
        found[f"{row.id}-networks"] = thousands(row.networks)
    return {name: (text, source) for name, text in found.items()}


def _recipes() -> dict[str, Told]:
    found: dict[str, str] = {}
    for name, of in measured_summaries().items():
        found |= {
            f"{name}-networks": thousands(of.networks),
            f"{name}-learned": interval((of.share_learned, of.share_learned_low, of.share_learned_high)),
            f"{name}-training": fixed(of.mean_training_right, 1),
            f"{name}-held-out": fixed(of.mean_held_out_right, 2),
        }
    finalists = _rows("results/recipe-finalists.csv")
    (again,) = (row for row in finalists if _is_larger_steps(row))
    choice = _rows("results/recipe-choice.csv")
    (chosen,) = (row for row in choice if _is_larger_steps(row))
    measured = {name: (text, "data/recipes.csv") for name, text in found.items()}
    searched = {
        "recipes-tried": str(len(choice)),
        "chosen-learned": chosen["networks_learned"],
        "chosen-networks": chosen["networks"],
    }
    finals = {
        "finalists": str(len(finalists)),
        "finalist-learned": again["networks_learned"],
        "finalist-networks": thousands(int(again["networks"])),
    }
    return {
        **measured,
        **{name: (text, "results/recipe-choice.csv") for name, text in searched.items()},
        **{name: (text, "results/recipe-finalists.csv") for name, text in finals.items()},
    }


def _is_larger_steps(row: Mapping[str, str]) -> bool:
    return (row["change"], float(row["to"]), float(row["initial_range"])) == ("epsilon factor", 6, 3)


def _studies() -> dict[str, Told]:
    read = _numbers()
    printed, change, best = read["printed-recipe"], read["smallest-change"], read["best"]
    paper, inferred, successors = read["as-in-the-paper"], read["inferred"], read["successors"]
    learners = {row["recipe"]: row for row in successors["learners"]}
    matrices, network = learners["matrices"], learners["network of 1986"]
    decides = {name: row["by_rank"]["26"] for name, row in successors["decides"].items()}
    each = pd.read_csv(ROOT / STUDIES / "each-case.csv")
    alone = each[each["sweep"] == inferred["sweeps"]].set_index(["person", "relation"])
    found = {
        "printed-networks": (thousands(printed["networks"]), "published-ranges"),
        "printed-ranges": (str(printed["ranges"]), "published-ranges"),
        "departures": (str(change["departures"]), "departures"),
        "all-four-early": (interval(paper["early"]["all_right"]), "held-out-distribution"),
        "all-four-late": (interval(paper["late"]["all_right"]), "held-out-distribution"),
        "held-out-early": (interval(paper["early"]["held_out_share"]), "held-out"),
        "held-out-late": (interval(paper["late"]["held_out_share"]), "held-out"),
        "never-inferred": (str(int((alone["networks_right"] == 0).sum())), "each-case"),
        "arthur-wife": (str(alone["networks_right"].loc["Arthur", "wife"]), "each-case"),
        "with-twin": (interval(inferred["taught"]["each-case"]), "twins"),
        "without-twin": (interval(inferred["no_twin"]["each-case"]), "twins"),
        "twin-networks": (str(inferred["networks"]), "twins"),
        "twin-sweeps": (thousands(inferred["sweeps"]), "each-case"),
        "matrices-right": (interval(matrices["held_out_share_rank"]), "successors"),
        "network-right": (interval(network["held_out_share_rank"]), "successors"),
        "best-by-rank": (interval(successors["best_recipe"]["held_out_share_rank"]), "successors"),
        "successor-splits": (thousands(successors["networks"]), "successors"),
        "no-penalty": (interval(decides["matrices without the penalty"]), "what-decides"),
        "with-penalty": (interval(decides["matrices"]), "what-decides"),
        "best-right": (interval(best["beside"][1]["held_out_share"]), "best-beside"),
        "best-all-four": (interval(best["beside"][1]["all_right"]), "best-beside"),
        "best-networks": (thousands(best["networks"]), "best"),
        "best-tried": (str(best["tried"]), "best"),
    }
    return {name: (text, f"{STUDIES}/{table}.csv") for name, (text, table) in found.items()}


def _reproduction() -> dict[str, Told]:
    thresholds = pd.read_csv(ROOT / "results/tables/units/thresholds.csv")
    own = thresholds[(thresholds["layer"] == "person code") & (thresholds["threshold"] == 0.5)]
    of = own.set_index("distinction")
    found = {f"units-{name}": percent(share) for name, share in of["weights"].to_dict().items()}
    found["units-by-chance"] = percent(of["weights_by_chance"].max(), 1)
    found["units-networks"] = thousands(of["networks"].iloc[0])
    trained = pd.read_csv(ROOT / "results/tables/units/networks.csv")
    wrong = _wrong()
    one_or_two = int(wrong.isin((1, 2)).sum())
    return {name: (text, "results/tables/units/thresholds.csv") for name, text in found.items()} | {
        "units-trained": (thousands(len(trained)), "results/tables/units/networks.csv"),
        "F3-and-F4": (percent(_both_units(), 1), "results/tables/units/best-units.csv"),
        "one-or-two-wrong": (
            interval((one_or_two / len(wrong), *wilson(one_or_two, len(wrong)))),
            "results/tables/learning/networks.csv",
        ),
    }


def _wrong() -> pd.Series[int]:
    """How many held-out cases each network of claim F2 has wrong."""
    networks = pd.read_csv(ROOT / "results/tables/learning/networks.csv")
    own = networks[networks["recipe"] == DEFAULT.name]
    return own["held_out_cases"] - own["held_out_right"]


def _both_units() -> float:
    """The share of the networks that learned for which both F3 and F4 are so, by the rules of these claims."""
    by_network = pd.read_csv(ROOT / "results/tables/units/nationality.csv").groupby("network")["weights"]
    ignoring = by_network.apply(lambda shares: int((shares < IGNORED_BELOW).sum())) >= FEWEST_IGNORING_UNITS
    best = pd.read_csv(ROOT / "results/tables/units/best-units.csv")
    own = best[best["layer"] == "person code"]
    share, unit = (own.pivot_table(index="network", columns="distinction", values=of) for of in ("weights", "unit"))
    encoded = share >= ENCODING_THRESHOLD
    two = encoded["generation"] & encoded["branch"] & (unit["generation"] != unit["branch"])
    return float((encoded["nationality"] & ignoring & two).mean())


def _fingerprints() -> dict[str, Told]:
    rows = _rows("tests/fingerprints.csv")
    networks = {tuple(row.values())[:2] for row in rows}
    return {
        "fingerprints": (str(len(networks)), "tests/fingerprints.csv"),
        "shipped": (str(load().number), "data/model.npz"),
    }


def _families() -> dict[str, Told]:
    rows = {(row["tree"], row["learner"]): row for row in _rows("results/own-families.csv")}
    base = {f"{float(row['base_mb']):.0f}" for row in _rows("results/scale.csv")}
    return {
        "family-networks": (rows["1986", "matrices"]["networks"], "results/own-families.csv"),
        "royal-networks": (rows["royal92", "matrices"]["networks"], "results/own-families.csv"),
        "base-mb": (" or ".join(sorted(base)), "results/scale.csv"),
    }


def _relations() -> dict[str, Told]:
    mean = _relation_means()
    family = {method: of[0] for (data, method), of in mean.items() if data == "royal92"}
    others = sorted(family.keys() - OURS, key=family.__getitem__)
    found = {
        "royal-matrices": fixed(family["matrices"], 3),
        "royal-vectors": fixed(family["vectors"], 3),
        "royal-best": f"{others[-1]} {family[others[-1]]:.3f}",
        "royal-others": str(len(others)),
    }
    return {name: (text, "results/relations.csv") for name, text in found.items()}


def _recipe_table() -> list[str]:
    """The measured recipes: only the last three columns are measured, the others are said here."""
    said = {
        "published": ("nothing that is printed", "0.3, a guess"),
        "larger-steps": ("epsilon, 6 times the printed", "3"),
        "cross-entropy": ("the error signal at the output, y - d", "3"),
        "small-batches": (
            "the error signal, batches of 20, epsilon 0.0007 then 0.007, no decay, no margins, 1,000 sweeps",
            "1",
        ),
    }
    lines = [
        "| recipe | differs from the paper in | initial weights | all training cases right | training cases right, mean"
        " of 100 | held-out cases right, mean of 4 |",
        "| --- | --- | --- | --- | --- | --- |",
        "| the paper | | not printed | 1 of 1 | 100 | 4 (and 7 of 8 in Hinton's own report) |",
    ]
    for name, of in measured_summaries().items():
        share = interval((of.share_learned, of.share_learned_low, of.share_learned_high)).partition(" ")[2]
        cells = [f"`{name}`{' (default)' * (name == 'larger-steps')}", *said[name]]
        cells.append(f"{thousands(of.networks_learned)} of {thousands(of.networks)} {share}")
        cells.append(_mean(of.mean_training_right, of.mean_training_right_low, of.mean_training_right_high, 1))
        cells.append(_mean(of.mean_held_out_right, of.mean_held_out_right_low, of.mean_held_out_right_high, 2))
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _mean(value: float, low: float, high: float, digits: int) -> str:
    return f"{value:.{digits}f}" + (f" ({low:.{digits}f} to {high:.{digits}f})" if high > low else "")


def _family_table() -> list[str]:
    lines = [
        "| family | people | facts | cases | matrices: held-out cases right | by rank | network of 1986: by rank |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for tree, learners in _by("results/own-families.csv", "tree").items():
        row = learners["matrices"]
        shares = [_share(row, "held_out"), _share(row, "rank"), _share(learners.get("network"), "rank")]
        lines.append(f"| {' | '.join([tree, *_sizes(row, 'people'), *shares])} |")
    return lines


def _share(row: Mapping[str, str] | None, name: str) -> str:
    return "-" if row is None else interval([float(row[f"{name}_{end}"]) for end in ("share", "low", "high")], 0)


def _sizes(row: Mapping[str, str], *first: str) -> list[str]:
    return [thousands(int(row[name])) for name in (*first, "facts", "cases")]


def _planted_table() -> list[str]:
    counts: dict[tuple[str, ...], list[int]] = {}
    for row in _rows("results/planted.csv"):
        sums = counts.setdefault((row["tree"], row["kind"], row["learner"], row["asked"]), [0, 0, 0, 0])
        for place, column in enumerate(("errors_found", "errors", "removals_found", "removals")):
            sums[place] += int(row[column])
    lines = [
        "| families | planted | learner | errors found | removals found |",
        "| --- | --- | --- | --- | --- |",
    ]
    for (*names, asked), (errors, of_errors, removals, of_removals) in counts.items():
        if asked != "as check does":
            continue
        found = [
            f"{right} of {of} ({percent(wilson(right, of)[0])} to {percent(wilson(right, of)[1])})"
            for right, of in ((errors, of_errors), (removals, of_removals))
        ]
        lines.append(f"| {' | '.join((*names, *found))} |")
    return lines


def _scale_table() -> list[str]:
    lines = [
        "| people | facts | cases | matrices: seconds | peak memory, MB | network of 1986: seconds | peak memory, MB |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for learners in _by("results/scale.csv", "people").values():
        costs = [cell for name in ("matrices", "network") for cell in _cost(learners[name])]
        lines.append(f"| {' | '.join([*_sizes(learners['matrices'], 'people'), *costs])} |")
    return lines


def _cost(row: Mapping[str, str]) -> tuple[str, str]:
    seconds = float(row["training_seconds"])
    return (f"{seconds:,.2g}" if seconds < 100 else f"{seconds:,.0f}"), f"{float(row['peak_mb']):.0f}"


OURS = {"matrices", "vectors", "network"}


def _relation_means() -> dict[tuple[str, str], tuple[float, float]]:
    """Mean filtered MRR and seconds, by data and method."""
    table = pd.read_csv(ROOT / "results/relations.csv")
    mean = table.groupby(["dataset", "method"])[["mrr", "cpu_seconds"]].mean()
    return {
        key: (float(row["mrr"]), float(row["cpu_seconds"])) for key, row in mean.iterrows() if isinstance(key, tuple)
    }


def _relations_table() -> list[str]:
    mean = _relation_means()
    lines = [
        "| data | matrices | vectors | network of 1986 | best of five methods of PyKEEN |",
        "| --- | --- | --- | --- | --- |",
    ]
    for data in ("1986", "nations", "umls", "kinships"):
        best = max((method for of, method in mean if of == data and method not in OURS), key=lambda m: mean[data, m])
        cells = [data, "{:.3f}, {:.1f} s".format(*mean[data, "matrices"])]
        cells += [f"{mean[data, name][0]:.3f}" for name in ("vectors", "network")]
        lines.append(f"| {' | '.join([*cells, best + ' {:.3f}, {:.1f} s'.format(*mean[data, best])])} |")
    return lines


def _rows(path: str) -> list[dict[str, str]]:
    with (ROOT / path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _by(path: str, key: str) -> dict[str, dict[str, dict[str, str]]]:
    """The rows of a table by `key`, and then by learner."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for row in _rows(path):
        found.setdefault(row[key], {})[row["learner"]] = row
    return found


def _numbers() -> dict[str, Any]:
    read: dict[str, Any] = json.loads((ROOT / STUDIES / "numbers.json").read_text(encoding="utf-8"))
    return read


def documents() -> list[Path]:
    """The texts that tell numbers."""
    return [ROOT / "README.md", ROOT / "README.ko.md", *sorted((ROOT / "family_trees" / "documents").glob("*.md"))]
