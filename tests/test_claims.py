"""The rules of the verdicts, on tables made by hand; and the committed claims against the committed tables."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest

from family_trees.studies.paper.claims import CLAIMS, experiments_of, judge_claims
from family_trees.studies.paper.experiments import EXPERIMENTS, do_job, sum_up
from family_trees.studies.paper.jobs import FULL_SIZE, ExperimentName, ReproductionSize, Tables
from family_trees.studies.paper.reproduction import ALL_EXPERIMENTS, read_tables
from family_trees.studies.paper.rules import DECISIVE_NETWORKS, share_verdict
from family_trees.studies.paper.verdicts import (
    ClaimRow,
    Verdict,
    claims_csv,
    claims_from_csv,
    claims_markdown,
    claims_markdown_table,
    committed_rows,
)
from family_trees.support.data import data_file
from family_trees.support.errors import FamilyTreesError
from family_trees.support.intervals import wilson
from family_trees.views.report.reproduce import command_of

ROOT = data_file("people.csv").parent.parent
TABLES = {name: read_tables(ROOT / "results" / "tables" / name) for name in ALL_EXPERIMENTS}


@pytest.mark.parametrize(
    ("count", "networks", "expected"),
    [
        (150, 200, "replicated"),
        (110, 200, "partly"),
        (20, 200, "partly"),
        (2, 200, "not replicated"),
        (0, 1000, "not replicated"),
        (55, 1000, "partly"),
        (12, 20, "undecided"),
        (0, 20, "undecided"),
        (5, 20, "partly"),
        (20, 20, "replicated"),
    ],
)
def test_rule(count: int, networks: int, expected: Verdict) -> None:
    assert share_verdict(*wilson(count, networks), networks) == expected


def judged(claim: str, tables: Tables) -> ClaimRow:
    (found,) = (each for each in CLAIMS if each.id == claim)
    return ClaimRow(claim, found.claim, found.source, *found.judge(tables), found.figure, "")


def symmetry(solved: dict[tuple[float, int], int], networks: int = 300, **columns: object) -> Tables:
    rows = [
        {
            "task": "symmetry",
            "epsilon": epsilon,
            "hidden": hidden,
            "solved": k < count,
            "cases_right": 64 if k < count else 56,
            "sweeps_to_solve": 1000.0 if k < count else None,
            "as_in_the_paper": k < count,
            "in_ratio_2_3_4": False,
            "sweeps": 5000,
            **columns,
        }
        for (epsilon, hidden), count in solved.items()
        for k in range(networks)
    ]
    return {"networks": pd.DataFrame(rows)}


def test_s1_needs_both_the_time_and_the_form() -> None:
    solved = {(0.1, 2): 290, (0.02, 2): 300}
    assert judged("S1", symmetry(solved)).verdict == "replicated"
    assert judged("S1", symmetry(solved, as_in_the_paper=False)).verdict == "not replicated"
    late = judged("S1", symmetry(solved, sweeps_to_solve=1450.0))
    assert (late.verdict, late.value) == ("not replicated", 0)
    assert "97% have solved it after 5,000" in late.tried


def test_s2_is_refuted_by_one_network_that_does_it_or_has_more_right_than_can_be() -> None:
    assert judged("S2", symmetry({(0.1, 0): 0})).verdict == "replicated"
    assert judged("S2", symmetry({(0.1, 0): 1})).verdict == "not replicated"
    assert judged("S2", symmetry({(0.1, 0): 0}, cases_right=58)).verdict == "not replicated"


@pytest.mark.parametrize(
    ("few", "more", "networks", "expected"),
    [
        (280, 300, 300, "replicated"),
        (300, 280, 300, "not replicated"),
        (299, 300, 300, "partly"),
        (99, 100, 100, "undecided"),
    ],
)
def test_l1(few: int, more: int, networks: int, expected: str) -> None:
    tables = symmetry({(0.02, 2): few, (0.02, 4): more, (0.1, 2): 10, (0.1, 4): 5}, networks)
    row = judged("L1", tables)
    assert row.verdict == expected
    assert row.value == pytest.approx((more - few) / networks)
    assert row.networks == 2 * networks


def learning(printed: int, default: int) -> Tables:
    rows = [
        {"recipe": name, "training_cases": 100, "held_out_cases": 4}
        | {"training_right": 100 if k < count else 90, "held_out_right": 4 if k < count else 2}
        for name, count in (("published", printed), ("larger-steps", default))
        for k in range(400)
    ]
    return {"networks": pd.DataFrame(rows)}


def test_f1_looks_at_the_printed_recipe_and_f2_at_the_default_one() -> None:
    assert judged("F1", learning(0, 400)).verdict == "not replicated"
    assert judged("F1", learning(390, 0)).verdict == "replicated"
    assert judged("F2", learning(400, 0)).verdict == "not replicated"
    assert judged("F2", learning(0, 390)).verdict == "replicated"
    few = judged("F2", learning(0, 100))
    assert "(2.50 of 4 are right on average)" in few.measure
    assert 'wrong even when only four test cases are held-out"; here 75% do' in few.tried


def units(nationality: list[float], generation: float = 0.6, branch: float = 0.6, branch_unit: int = 6) -> Tables:
    networks = 250
    of_units = [
        {"network": k, "unit": unit, "weights": share}
        for k in range(networks)
        for unit, share in enumerate(nationality)
    ]
    best = [
        {"network": k, "layer": "person code", "distinction": name, "weights": share, "unit": unit}
        for k in range(networks)
        for name, share, unit in (("generation", generation, 1), ("branch", branch, branch_unit))
    ]
    thresholds = [
        {"layer": "person code", "distinction": name, "threshold": at, "weights": 0.5}
        for name in ("nationality", "generation", "branch")
        for at in (0.3, 0.7, 0.9)
    ]
    return {
        "nationality": pd.DataFrame(of_units),
        "best-units": pd.DataFrame(best),
        "thresholds": pd.DataFrame(thresholds),
    }


def test_f3_needs_one_unit_that_tells_and_three_that_do_not() -> None:
    assert judged("F3", units([0.8, 0.05, 0.05, 0.05, 0.3, 0.3])).verdict == "replicated"
    assert judged("F3", units([0.4, 0.05, 0.05, 0.05, 0.05, 0.05])).verdict == "not replicated"
    assert judged("F3", units([0.8, 0.05, 0.05, 0.2, 0.3, 0.3])).verdict == "not replicated"


def test_f4_needs_both_units() -> None:
    assert judged("F4", units([0.0])).verdict == "replicated"
    assert judged("F4", units([0.0], generation=0.4)).verdict == "not replicated"
    assert judged("F4", units([0.0], branch=0.4)).verdict == "not replicated"
    assert judged("F4", units([0.0], branch_unit=1)).verdict == "not replicated"


def test_f5_and_f6_ask_for_more_than_a_little() -> None:
    table = pd.DataFrame(
        {
            "network": range(350),
            "equivalents_nearer": [0.9] * 280 + [0.7] * 20 + [None] * 50,
            "equivalents_nearer_without_nationality": 0.8,
            "distance_to_equivalents": 0.9,
            "distance_to_equivalents_without_nationality": 0.7,
            "usefulness_of_weights": [0.45] * 280 + [0.55] * 20 + [None] * 50,
            "usefulness_of_weights_without_decay": 0.4,
            "usefulness_of_units": 0.4,
            "usefulness_of_units_without_decay": 0.3,
        }
    )
    f5, f6 = (judged(claim, {"networks": table}) for claim in ("F5", "F6"))
    assert [f5.verdict, f6.verdict] == ["replicated", "partly"]
    assert [f5.value, f6.value] == pytest.approx([28 / 30, 2 / 30])
    assert f5.networks == f6.networks == 300
    assert "decay makes a difference of +0.06 (+0.05 to +0.06)" in f6.measure


def test_i1_needs_the_right_gradient_too() -> None:
    row = {"steps": 3, "learned": 200, "networks": 200, "share_learned": 1.0, "gradient_error": 1e-9}
    assert judged("I1", {"steps": pd.DataFrame([row])}).verdict == "replicated"
    assert judged("I1", {"steps": pd.DataFrame([row | {"gradient_error": 1e-3}])}).verdict == "not replicated"
    assert judged("I1", {"steps": pd.DataFrame([row | {"learned": 0}])}).verdict == "not replicated"


@pytest.mark.committed
def test_what_is_not_replicated_says_what_was_tried() -> None:
    assert all(bool(row.tried) == (row.verdict != "replicated") for row in committed_rows())


@pytest.mark.committed
def test_every_claim_of_the_paper_is_judged_once_by_enough_networks() -> None:
    ids = ["S1", "S2", "F1", "F2", "F3", "F4", "F5", "F6", "I1", "L1"]
    assert [row.id for row in committed_rows()] == ids
    assert min(row.networks for row in committed_rows()) >= DECISIVE_NETWORKS
    assert "undecided" not in {row.verdict for row in committed_rows()}
    for row in committed_rows():
        assert (ROOT / "results" / row.figure).exists()
        assert row.low <= row.value <= row.high


@pytest.mark.committed
def test_committed_claims_are_those_of_the_committed_tables() -> None:
    rows = judge_claims(TABLES)
    assert (ROOT / "results" / "claims.csv").read_text(encoding="utf-8") == claims_csv(rows)
    assert (ROOT / "results" / "claims.md").read_text(encoding="utf-8") == claims_markdown(rows, command_of(FULL_SIZE))
    assert [row.verdict for row in committed_rows()] == [row.verdict for row in rows]


def found_again(
    experiment: ExperimentName, size: ReproductionSize, kinds: Sequence[str], hidden: Sequence[int] = (0,)
) -> pd.DataFrame:
    """The table of networks of some kinds, trained again in this size."""
    jobs = [job for job in EXPERIMENTS[experiment].jobs(size) if job.kind in kinds and job.number in hidden]
    table = sum_up(experiment, [do_job(size, job) for job in jobs])["networks"]
    return pd.read_csv(StringIO(table.to_csv(index=False)), low_memory=False)  # as the committed ones are read


@pytest.mark.committed
def test_committed_tables_are_what_the_code_gives() -> None:
    """The first networks of each experiment, row by row: the arithmetic is the same on every machine."""
    size = replace(FULL_SIZE, learning=16, symmetry=3)
    kept = TABLES["learning"]["networks"]
    for recipe in ("published", "larger-steps"):
        first = kept[(kept["recipe"] == recipe) & (kept["network"] < 16)].reset_index(drop=True)
        pd.testing.assert_frame_equal(found_again("learning", size, [recipe]), first, check_dtype=False, rtol=1e-12)
    found = found_again("symmetry", size, ["symmetry"], [0, 2])
    kept = TABLES["symmetry"]["networks"].query("task == 'symmetry' and hidden in (0, 2)")
    same = kept[kept["network"] < 3].reset_index(drop=True)
    assert len(same) == 12
    pd.testing.assert_frame_equal(found, same, check_dtype=False, rtol=1e-12)


@pytest.mark.slow
@pytest.mark.committed
def test_committed_units_are_what_the_code_gives() -> None:
    """What the units encode comes from sums of BLAS, whose last digit depends on the processor."""
    found = found_again("units", replace(FULL_SIZE, units=24), ["larger-steps"])
    same = TABLES["units"]["networks"].query("network < 24").reset_index(drop=True)
    pd.testing.assert_frame_equal(found, same, check_dtype=False, rtol=0, atol=2e-4)


@pytest.mark.committed
def test_readme_and_markdown_hold_the_same_table() -> None:
    assert claims_markdown_table(committed_rows()) in (ROOT / "results" / "claims.md").read_text(encoding="utf-8")
    assert claims_markdown_table(committed_rows()) == claims_markdown_table(judge_claims(TABLES))


@pytest.mark.committed
def test_what_is_said_of_other_studies_is_what_they_hold() -> None:
    """F1 and F2 tell how much was tried elsewhere."""

    def rows(path: Path) -> list[dict[str, str]]:
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    f1, f2 = (row.tried for row in committed_rows() if row.id in ("F1", "F2"))
    ranges = {
        row["initial_range"]
        for row in rows(ROOT / "results" / "recipe-choice.csv")
        if row["change"] == "epsilon factor" and float(row["to"]) == 1
    }
    assert len(ranges) == 10
    assert "ten initial ranges" in f1
    departures, pairs = (rows(ROOT / "results" / "studies" / f"{name}.csv") for name in ("departures", "pairs"))
    together = [row for row in pairs if " + " in row["change"]]
    assert f"{len(departures) - 1} departures alone and {len(together)} pairs" in f1
    assert f"{len({row['recipe'] for row in rows(ROOT / 'results' / 'best-choice.csv')})} recipes" in f2


def test_csv_and_markdown() -> None:
    rows = committed_rows()
    assert claims_from_csv(claims_csv(rows)) == list(rows)
    text = claims_markdown(rows, "the command")
    for row in rows:
        assert f"| **{row.verdict}** |" in next(line for line in text.splitlines() if line.startswith(f"| {row.id} |"))
        assert f"`family-trees claims {row.id} --again`" in text
    assert set(re.findall(r"\]\((\S+\.png)\)", text)) == {row.figure for row in rows}


def test_experiments_of_claims() -> None:
    assert experiments_of(["f3", "F1", "F4"]) == ["units", "learning"]
    with pytest.raises(FamilyTreesError, match="no claim 'F9'; there are S1, S2, F1"):
        experiments_of(["F9"])
