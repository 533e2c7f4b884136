"""Figure 4: what the hidden units learned, in the network that is shown and in many others."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from family_trees.analysis.distinctions import distinctions
from family_trees.analysis.encoding import ENCODING_THRESHOLD, REPORTED_THRESHOLDS, Encoding, encodings, unit_table
from family_trees.analysis.usefulness import rank_correlation, weight_sizes_and_rises
from family_trees.analysis.variance import eta_squared
from family_trees.engine.network import Connection
from family_trees.models.model import Model
from family_trees.studies.paper.jobs import Tables
from family_trees.studies.paper.rules import (
    NEAR_EQUIVALENT_SHARE,
    NOT_REPLICATED_BELOW,
    REPLICATED_ABOVE,
    USEFUL_CORRELATION,
    gain_by_decay,
    near_equivalents,
    tells_generation_and_branch,
    tells_nations,
)
from family_trees.support.prose import percent
from family_trees.views.figures.codes import draw_people, draw_similarity, person_codes
from family_trees.views.figures.curves import draw_code_by_sweep, draw_emergence
from family_trees.views.figures.iterative import draw_iterative
from family_trees.views.figures.units import draw_encoding, draw_nearness, draw_usefulness
from family_trees.views.figures.view import paper_view
from family_trees.views.figures.weights import draw_weights, unit_order
from family_trees.views.report.found import SHOWN_OF, Found, section
from family_trees.views.report.page import ReportPart

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from family_trees.views.report.found import Draw

SHOWN_SWEEPS = (0, 600, 1500)


CODES = {
    "person": Connection("person", "person code"),
    "relation": Connection("relation", "relation code"),
}
"""The connections whose weights are the codes."""


def units_part(what: Found) -> ReportPart:
    """The section on figure 4."""
    tables, model = what.tables["units"], what.shown
    figures = {
        "fig4-people": partial(draw_weights, model, "person"),
        "units": partial(draw_encoding, tables["best-units"], tables["chance"], _best(model), ENCODING_THRESHOLD),
        "emergence": partial(draw_emergence, tables["emergence"]),
    }
    half = len(model.task.people) // 2
    between, same = _likeness(what)[:half, half:], np.eye(half, dtype=bool)
    alike = {"equivalents": between[same].mean(), "other_pairs": between[~same].mean()}
    meaning = all(row.verdict == "replicated" for row in what.rows if row.id in ("F3", "F4", "F5"))
    return section(what, "units", units_numbers(what) | alike | {"meaning": meaning}, figures)


def _likeness(what: Found) -> NDArray[np.float64]:
    """How alike the codes of two people are, without the units for nationality: the mean network, (people, people)."""
    people = list(what.shown.task.people)
    table = what.tables["units"]["similarity"]
    return (
        table.pivot_table(index="person", columns="other", values="without_nationality").loc[people, people].to_numpy()
    )


def appendix_part(what: Found) -> ReportPart:
    """What else there is to see."""
    networks, model = what.tables["units"]["networks"], what.shown
    likeness, learned = _likeness(what), int(networks["learned"].sum())
    near = {
        "all units": networks["equivalents_nearer"].dropna().to_numpy(),
        "without nationality units": networks["equivalents_nearer_without_nationality"].dropna().to_numpy(),
    }
    figures: dict[str, Draw] = {
        "fig4-relations": partial(draw_weights, model, "relation"),
        "code-by-sweep": partial(_draw_by_sweep, what),
        "similarity": partial(draw_similarity, {f"mean of {learned} networks": (likeness, likeness)}, paper_view()),
        "people": partial(draw_people, person_codes(model, paper_view()), paper_view()),
        "nearness": partial(draw_nearness, near, NEAR_EQUIVALENT_SHARE),
        "fig5-iterative": draw_iterative,
    }
    nearer = near["all units"]
    numbers = {
        "rows": _threshold_rows(what.tables["units"]["thresholds"]),
        "thresholds": REPORTED_THRESHOLDS,
        "half": ENCODING_THRESHOLD,
        "near": NEAR_EQUIVALENT_SHARE,
        "nearer": (nearer > NEAR_EQUIVALENT_SHARE).mean(),
        "nearer_than_chance": (nearer > 0.5).mean(),
        "number": model.number,
        "relations_encoded": _told(model, "relation"),
        "learned": learned,
    }
    return section(what, "appendix", numbers, figures, level=2)


def usefulness_part(what: Found) -> ReportPart:
    """The section on weights and their usefulness."""
    model, networks = what.shown, what.tables["units"]["networks"]
    sizes, rises = weight_sizes_and_rises(model.weights, model.cases)
    over = {
        label: networks[f"usefulness_of_weights{ending}"].dropna().to_numpy()
        for label, ending in (("with decay", ""), ("without decay", "_without_decay"))
    }
    means = {
        f"{of}{ending}": networks[f"usefulness_of_{of}{ending}"].mean()
        for of in ("weights", "units")
        for ending in ("", "_without_decay")
    }
    counts = dict(zip(("networks", "networks_without_decay"), map(len, over.values()), strict=True))
    without_decay = networks["usefulness_of_weights_without_decay"].dropna()
    rule = {"gain": gain_by_decay(networks), "pass_without_decay": (without_decay > USEFUL_CORRELATION).mean()}
    shown = {"number": model.number, "shown": rank_correlation(sizes, rises), "tells": USEFUL_CORRELATION}
    figures = {"usefulness": partial(draw_usefulness, sizes, rises, over)}
    return section(what, "usefulness", means | counts | rule | shown, figures)


def units_numbers(what: Found) -> dict[str, Any]:
    """What the section tells, by name."""
    tables, model = what.tables["units"], what.shown
    networks, emergence = tables["networks"], tables["emergence"]
    reached = emergence[(emergence["layer"] == "person code") & (emergence["median"] >= ENCODING_THRESHOLD)]
    first = reached.groupby("distinction")["sweep"].min()
    return {
        "number": model.number,
        "shown_of": min(SHOWN_OF, what.size.learning),
        "shown_error": model.curve.squared_error[0, -1],
        "shown_right": int(model.curve.training_right[0, -1]),
        "shown_cases": len(model.training_cases),
        "held_out": ", ".join(f"{case} ({'right' if model.right[case] else 'wrong'})" for case in model.held_out),
        "networks": len(networks),
        "learned": int(networks["learned"].sum()),
        "learned_without_decay": int(networks["learned_without_decay"].sum()),
        "useful": int(networks["usefulness_of_weights"].notna().sum()),
        "useful_without_decay": int(networks["usefulness_of_weights_without_decay"].notna().sum()),
        **_together(tables),
        **_shares(tables["thresholds"]),
        "encoded": _told(model, "person"),
        "emerges": [int(first[name]) for name in ("nationality", "generation", "branch") if name in first],
        "larger": model.recipe.name,
    }


def _together(tables: Tables) -> dict[str, Any]:
    """The shares of networks that are like the paper's by F3 and F4 together, and by F5, too."""
    both = tells_nations(tables) & tells_generation_and_branch(tables)
    every = both & near_equivalents(tables)
    return {"both_codes": both.mean(), "all_codes": every.mean()}


def _shares(thresholds: pd.DataFrame) -> dict[str, Any]:
    """Which shares of networks have a unit that encodes a distinction, and what that says."""
    table = thresholds[thresholds["threshold"] == ENCODING_THRESHOLD].set_index(["layer", "distinction"])
    share, low, high, chance = (table[f"weights{end}"].to_dict() for end in ("", "_low", "_high", "_by_chance"))
    person, relation = "person code", "relation code"
    of_people = [(person, name) for name in ("nationality", "generation", "branch")]
    return {
        **{name: share[person, name] for name in ("nationality", "generation", "branch", "sex")},
        "person_encoded": all(low[key] > REPLICATED_ABOVE for key in of_people),
        "sex_high": high[person, "sex"],
        "few": NOT_REPLICATED_BELOW,
        "by_chance": max(chance[key] for key in of_people),
        "sex_by_chance": chance[relation, "sex"],
        "step_by_chance": chance[relation, "generation step"],
        "relation_encoded": all(low[relation, name] > REPLICATED_ABOVE for name in ("sex", "generation step")),
        "penultimate_encoded": low["penultimate", "nationality"] > REPLICATED_ABOVE,
    }


def _encodings(model: Model, group: str) -> tuple[Sequence[Sequence[Encoding]], Sequence[int]]:
    """What each unit of a code encodes, and the order in which the figures show the units."""
    found = encodings(model.weights[CODES[group]][0], model.task, group)
    return found, unit_order(found, group, model.task)


def _told(model: Model, group: str) -> str:
    found, order = _encodings(model, group)
    some = [f"unit {unit + 1} {' and '.join(map(str, found[unit]))}" for unit in order if found[unit]]
    return ", ".join(some) or "no unit encodes anything known"


def _draw_by_sweep(what: Found) -> Figure:
    model = what.shown
    found, order = _encodings(model, "person")
    early = {sweep: what.early[sweep][CODES["person"]][0] for sweep in SHOWN_SWEEPS}
    labels = [
        (unit, f"unit {unit + 1}" + "".join(f"\n{each.distinction}" for each in found[unit][:1])) for unit in order
    ]
    on_the_way = {
        (sweep, unit): float(eta_squared(weights, distinction.group_numbers(model.task.people))[unit])
        for sweep, weights in early.items()
        for unit in order
        for distinction in distinctions("person", model.task)
        if found[unit] and found[unit][0].distinction == distinction.name
    }
    return draw_code_by_sweep(early, labels, on_the_way, paper_view().rows)


def _best(model: Model) -> pd.DataFrame:
    """What the best unit of each layer of the network has explained."""
    table = unit_table(model.weights, model.task, [model.number], model.architecture)
    return table.groupby(["layer", "distinction"], sort=False)["weights"].max().reset_index()


def _threshold_rows(thresholds: pd.DataFrame) -> list[tuple[str, ...]]:
    rows = []
    for (layer, distinction), of in thresholds.groupby(["layer", "distinction"], sort=False):
        by_threshold = {round(float(row["threshold"]), 1): row for row in of.to_dict("records")}
        half = by_threshold[ENCODING_THRESHOLD]
        cells = [percent(by_threshold[threshold]["weights"]) for threshold in REPORTED_THRESHOLDS]
        rows.append(
            (f"{layer}: {distinction}", *cells, percent(half["activities"]), percent(half["weights_by_chance"], 1))
        )
    return rows
