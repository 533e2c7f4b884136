"""Study 4: what can be inferred: every case alone, what makes a fact hard, and how well splits can be predicted."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from family_trees.analysis.twins import predicted_shares, twins, with_twins_left
from family_trees.families.of_1986 import family_trees_task, load_families
from family_trees.families.relations import RELATIONS
from family_trees.families.task import Case
from family_trees.studies.summaries import case_summary
from family_trees.support.intervals import share_interval
from family_trees.views.figures.studies import draw_bars, draw_calibration, draw_case_map
from family_trees.views.figures.style import Figure
from family_trees.views.studies_report.desk import Desk, Tables, share
from family_trees.views.studies_report.pages import Words

NO_TWIN, GONE, TAUGHT = "no twin exists", "twins exist, all held out, too", "a twin was trained on"
"""What cases may be held out with."""


SWEEPS = 5000
"""After which networks are looked at."""


STUDIES = {"each-case": "alone", "twins": "together", "held-out": "four at random"}
"""Studies whose held-out cases are compared, and how cases are held out in them."""


def inferred(desk: Desk) -> dict[str, Any]:
    """Write the tables of the section; give its numbers."""
    each = desk.table(case_summary(desk.read("each-case", "cases")), "each-case.csv")
    final = each[each["sweep"] == each["sweep"].max()]
    return {**_each_case(final), **_twins(desk), **_predicted(desk, final[["person", "relation", "right"]])}


def draw(tables: Tables, words: Words) -> Mapping[str, Figure]:
    """The figures of the section: the map of all cases, cases with and without a twin, and the prediction of splits."""
    each, splits = tables("each-case.csv"), tables("predicted-splits.csv")
    return {
        "each-case": draw_case_map(each[each["sweep"] == SWEEPS], family_trees_task(), words["each_case_title"]),
        "twins": _draw_twins(tables("twins.csv"), words["twins_title"]),
        "predicted-splits": draw_calibration(
            splits[splits["study"] == "committees"],
            ("predicted from each case held out alone", "held-out cases right"),
            words["predicted_splits_title"],
        ),
    }


def _draw_twins(found: pd.DataFrame, title: str) -> Figure:
    """Three pairs: with a twin and without, for each way of holding cases out."""
    few = (found["held_out"] == STUDIES["held-out"]) & (found["case"] == GONE)
    groups = {"alone": "held out alone", "together": "with its relation", "four at random": "four at random"}
    shown = found[~few].assign(held_out=found["held_out"].map(groups))
    key = ([TAUGHT], "with a twin in training", "without")
    measures = {"right": "held-out facts inferred"}
    return draw_bars(shown, measures, title, label="case", group="held_out", strong=key)


def _each_case(final: pd.DataFrame) -> dict[str, Any]:
    """How often each case is inferred if it is held out alone."""
    by_relation = final.groupby("relation")["right"].mean().reindex(RELATIONS).sort_values()
    people = {person.name: person for person in load_families().people}
    by_nation = final.groupby(final["person"].map(lambda name: people[name].nationality))["right"].mean()
    shares = final.set_index(["person", "relation"])["right"]
    english = [key for key in shares.index if people[key[0]].nationality == "English"]
    equals = np.array([[shares[key], shares[people[key[0]].equivalent, key[1]]] for key in english])
    of_case = twins(family_trees_task())
    has_twin = np.array([bool(of_case[Case(p, r)]) for p, r in zip(final["person"], final["relation"], strict=True)])
    within = sum(final["right"][some].var(ddof=0) * some.mean() for some in (has_twin, ~has_twin))
    without = {
        name: float(final.loc[final["relation"].isin(relations), "right"].mean())
        for name, relations in (("siblings", ("brother", "sister")), ("spouses", ("husband", "wife")))
    }
    return {
        "networks": int(final["networks"].iloc[0]),
        "cases": len(final),
        "sweeps": int(final["sweep"].iloc[0]),
        "least": float(final["right"].min()),
        "most": float(final["right"].max()),
        "hardest": {"relation": by_relation.index[0], "share": by_relation.iloc[0]},
        "easiest": {"relation": by_relation.index[-1], "share": by_relation.iloc[-1]},
        "nations": {name: by_nation[name] for name in ("English", "Italian")},
        "alike": float(np.corrcoef(equals.T)[0, 1]),
        "equivalents": len(equals),
        "explained": 1 - within / final["right"].var(ddof=0),
        **without,
    }


def _twins(desk: Desk) -> dict[str, Any]:
    """How often cases are inferred with and without twins."""
    found = desk.table(twins_table(desk), "twins.csv")
    by_case = {
        key: {study: share(row, "right") for study, row in rows.set_index("study").iterrows()}
        for key, name in (("taught", TAUGHT), ("gone", GONE), ("no_twin", NO_TWIN))
        for rows in (found[found["case"] == name],)
    }
    for study, (key, case) in product(("each-case", "held-out"), (("taught", TAUGHT), ("no_twin", NO_TWIN))):
        if study not in by_case[key]:
            raise desk.refusal(study, f"it holds out no case of which {case}")
    return {**by_case, "sets": int(found[found["study"] == "twins"]["splits"].sum())}


def twins_table(desk: Desk) -> pd.DataFrame:
    """The share of held-out cases right, by study and by what became of the twins of the case."""
    task = family_trees_task()
    of_case = twins(task)
    rows = []
    for study, label in STUDIES.items():
        cases = desk.read(study, "cases")
        cases = cases[(cases["recipe"] == "larger-steps") & (cases["sweep"] == SWEEPS)]
        cases = with_twins_left(cases, task)
        several = [len(of_case[Case(p, r)]) for p, r in zip(cases["person"], cases["relation"], strict=True)]
        cases = cases.assign(twins=several)
        for name, some in (
            (NO_TWIN, cases["twins"] == 0),
            (GONE, (cases["twins"] > 0) & (cases["twins_left"] == 0)),
            (TAUGHT, cases["twins_left"] > 0),
        ):
            own = cases[some]
            if own.empty:
                continue
            by_split = own.groupby("split")["right"].mean()
            low, high = share_interval(own.groupby(own["split"].map(_in_both_nations(cases)))["right"].mean())
            keys = {"study": study, "held_out": label, "case": name, "trials": len(own), "splits": len(by_split)}
            rows.append(keys | {"right": by_split.mean(), "right_low": low, "right_high": high})
    return pd.DataFrame(rows).round(4)


def _in_both_nations(cases: pd.DataFrame) -> pd.Series:
    """For each split, the held-out cases with Italians under the names of their English equivalents.

    Equivalents are inferred equally often, so two splits of the same name count as one in an interval.
    """
    english = {
        person.name: person.equivalent if person.nationality == "Italian" else person.name
        for person in load_families().people
    }
    names = cases["person"].map(english) + " " + cases["relation"]
    return names.groupby(cases["split"]).agg(lambda own: ", ".join(sorted(set(own))))


def _predicted(desk: Desk, alone: pd.DataFrame) -> dict[str, Any]:
    """How well the mean of cases, each held out alone, predicts how several held out together fare."""
    task = family_trees_task()
    four = desk.read("held-out", "cases")
    four = four[(four["recipe"] == "larger-steps") & (four["sweep"] == SWEEPS)]
    many = desk.read("committees", "cases")
    many = many[many["sweep"] == SWEEPS]
    predictions = {"held-out": predicted_shares(four, alone, task), "committees": predicted_shares(many, alone, task)}
    desk.table(
        pd.concat([table.assign(study=study) for study, table in predictions.items()]).round(4), "predicted-splits.csv"
    )
    once, often = predictions.values()
    plain = many.merge(alone, on=["person", "relation"], suffixes=("", "_alone")).groupby("split")
    r_once, r_often = (np.corrcoef(table["predicted"], table["measured"])[0, 1] for table in (once, often))
    by_network = many.groupby(["split", "network"])["right"].mean()
    within, total = by_network.groupby("split").var(ddof=1).mean(), by_network.var(ddof=1)
    low, high = often["predicted"].quantile([0.1, 0.9])
    hard, easy = (often[some]["measured"].mean() for some in (often["predicted"] <= low, often["predicted"] >= high))
    return {
        "once": {
            "splits": len(once),
            "r": r_once,
            "predicted": once["predicted"].mean(),
            "measured": once["measured"].mean(),
        },
        "often": {
            "splits": len(often),
            "networks": int(often["networks"].iloc[0]),
            "r": r_often,
            "r_without_rule": float(plain["right_alone"].mean().corr(plain["right"].mean())),
            "hard": hard,
            "easy": easy,
        },
        "between": 1 - within / total,
    }
