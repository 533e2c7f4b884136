"""Figure 4: what the hidden units learned, in the network that is shown and in many others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from family_trees.analysis.distinctions import distinctions
from family_trees.analysis.encoding import ENCODING_THRESHOLD, REPORTED_THRESHOLDS, Encoding, encodings, unit_table
from family_trees.analysis.variance import eta_squared
from family_trees.engine.network import Connection
from family_trees.families.of_1986 import load_families
from family_trees.models.model import Model
from family_trees.studies.paper.rules import NEAR_EQUIVALENT_SHARE, NOT_REPLICATED_BELOW, REPLICATED_ABOVE
from family_trees.support.prose import Prose, percent
from family_trees.views.figures.codes import draw_people, draw_similarity, person_codes
from family_trees.views.figures.curves import draw_code_by_sweep, draw_emergence
from family_trees.views.figures.units import draw_encoding, draw_nearness
from family_trees.views.figures.view import paper_view
from family_trees.views.figures.weights import draw_weights, unit_order
from family_trees.views.report.alike import ANGLE, likeness_numbers, likeness_panels, lines_in_parallel
from family_trees.views.report.found import SHOWN_OF, Found, prose
from family_trees.views.report.page import Picture, ReportPart, ReportTable

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

SHOWN_SWEEPS = (0, 600, 1500)


CODES = {
    "person": Connection("person", "person code"),
    "relation": Connection("relation", "relation code"),
}
"""The connections whose weights are the codes."""


def units_part(what: Found) -> ReportPart:
    """The section on figure 4."""
    tables, model = what.tables["units"], what.shown
    networks = tables["networks"]
    panels = likeness_panels(model, tables["similarity"], int(networks["learned"].sum()))
    texts = prose("units", {**units_numbers(what), **likeness_numbers(panels, model.task)})

    def picture(name: str, figure: Figure, block: str) -> Picture:
        return Picture(name, figure, texts(f"{block}_alt"), texts(f"{block}_caption"))

    near = {
        "all units": networks["equivalents_nearer"].dropna().to_numpy(),
        "without nationality units": networks["equivalents_nearer_without_nationality"].dropna().to_numpy(),
    }
    best = _best(model)
    content: tuple[Picture | ReportTable, ...] = (
        picture("fig4-people", draw_weights(model, "person"), "people"),
        picture("fig4-relations", draw_weights(model, "relation"), "relations"),
        picture("units", draw_encoding(tables["best-units"], tables["chance"], best, ENCODING_THRESHOLD), "units"),
        _threshold_table(tables["thresholds"], texts),
        picture("code-by-sweep", _draw_by_sweep(what), "by_sweep"),
        picture("emergence", draw_emergence(tables["emergence"]), "emergence"),
        picture("people", draw_people(person_codes(model, paper_view()), paper_view()), "map"),
        picture("similarity", draw_similarity(panels, paper_view()), "similarity"),
        picture("nearness", draw_nearness(near, NEAR_EQUIVALENT_SHARE), "nearness"),
    )
    return ReportPart("units", texts("title"), texts.paragraphs(), content, what.claims("F3", "F4", "F5"))


def units_numbers(what: Found) -> dict[str, Any]:
    """What the section tells, by name."""
    tables, model = what.tables["units"], what.shown
    networks = tables["networks"]
    near = networks["equivalents_nearer"].dropna()
    families = load_families()
    oldest, youngest = (
        [person.name for person in families.people if families.generation(person.name) == k] for k in (1, 3)
    )
    parallel, lines = lines_in_parallel(model)
    return {
        "number": model.number,
        "shown_of": min(SHOWN_OF, what.size.learning),
        "shown_error": model.curve.squared_error[0, -1],
        "shown_right": int(model.curve.training_right[0, -1]),
        "shown_cases": len(model.training_cases),
        "held_out": ", ".join(f"{case} ({'right' if model.right[case] else 'wrong'})" for case in model.held_out),
        "networks": len(networks),
        "seed": what.size.network_seed,
        "learned": int(networks["learned"].sum()),
        **_shares(tables["thresholds"]),
        "encoded": _told(model, "person"),
        "relations_encoded": _told(model, "relation"),
        "oldest": ", ".join(oldest[:4]),
        "youngest": " and ".join(youngest[:2]),
        "table_networks": int(tables["thresholds"]["networks"].iloc[0]),
        "parallel": parallel,
        "lines": lines,
        "angle": ANGLE,
        "near": NEAR_EQUIVALENT_SHARE,
        "nearer": (near > NEAR_EQUIVALENT_SHARE).mean(),
        "nearer_than_chance": (near > 0.5).mean(),
    }


def _shares(thresholds: pd.DataFrame) -> dict[str, Any]:
    """Which shares of networks have a unit that encodes a distinction, and what that says."""
    table = thresholds[thresholds["threshold"] == ENCODING_THRESHOLD].set_index(["layer", "distinction"])
    low, high, chance = (table[name].to_dict() for name in ("weights_low", "weights_high", "weights_by_chance"))
    person, relation = "person code", "relation code"
    of_relations = [(relation, name) for name in ("sex", "generation step", "kind")]
    of_people = [(person, name) for name in ("nationality", "generation", "branch", "sex")]
    return {
        "person_encoded": all(low[key] > REPLICATED_ABOVE for key in of_people[:3]),
        "sex": table["weights"][person, "sex"],
        "sex_high": high[person, "sex"],
        "few": NOT_REPLICATED_BELOW,
        "relation_encoded": all(low[key] > REPLICATED_ABOVE for key in of_relations[:2]),
        "chance_does_more": min(chance[key] for key in of_relations) > max(chance[key] for key in of_people),
        "kind_high": high[relation, "kind"],
        "kind_by_chance": chance[relation, "kind"],
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


def _threshold_table(thresholds: pd.DataFrame, texts: Prose) -> ReportTable:
    rows = []
    for (layer, distinction), of in thresholds.groupby(["layer", "distinction"], sort=False):
        by_threshold = {round(float(row["threshold"]), 1): row for row in of.to_dict("records")}
        half = by_threshold[ENCODING_THRESHOLD]
        cells = [percent(by_threshold[threshold]["weights"]) for threshold in REPORTED_THRESHOLDS]
        cells += [percent(half["activities"]), percent(half["weights_by_chance"], 1)]
        rows.append((f"{layer}: {distinction}", *cells))
    ends = (f"activities, {ENCODING_THRESHOLD:.0%}", f"by chance, {ENCODING_THRESHOLD:.0%}")
    head = ("layer and distinction", *(f"{threshold:.0%}" for threshold in REPORTED_THRESHOLDS), *ends)
    return ReportTable(texts("table_caption"), head, tuple(rows))
