"""Figure 1: how many networks solve the symmetry task, in what form, and how the others fail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from family_trees.models import symmetry
from family_trees.studies.paper.jobs import Tables
from family_trees.studies.paper.rules import NOT_REPLICATED_BELOW
from family_trees.studies.paper.symmetry import GENTLE_EPSILON, HIDDEN_UNITS
from family_trees.support.intervals import difference_interval, wilson
from family_trees.support.prose import interval
from family_trees.views.figures.symmetry import draw_solved, draw_symmetry
from family_trees.views.report.found import Found, prose
from family_trees.views.report.page import Picture, ReportPart, ReportTable

if TYPE_CHECKING:
    import pandas as pd

PRINTED_RECIPE = symmetry.PRINTED_RECIPE.epsilon[1]


DARK_ERROR = 4.0
"""E of an output that is 0 for every vector: half of the 8 symmetric ones (equation 3)."""


def symmetry_part(what: Found) -> ReportPart:
    """The section on figure 1."""
    tables = what.tables["symmetry"]
    texts = prose("symmetry", {"networks": what.size.symmetry, **symmetry_numbers(tables, what.size.symmetry_sweeps)})
    pictures: list[Picture | ReportTable] = []
    if what.solution is not None:
        drawn = draw_symmetry(what.solution)
        pictures.append(Picture("fig1-symmetry", drawn, texts("fig1_alt"), texts("fig1_caption")))
    drawn = draw_solved(tables["solved"][tables["solved"]["task"] == "symmetry"])
    pictures.append(Picture("symmetry-solved", drawn, texts("solved_alt"), texts("solved_caption")))
    pictures.append(ReportTable(texts("table_caption"), texts.rows("table_head")[0], _table(tables["networks"])))
    return ReportPart("symmetry", texts("title"), texts.paragraphs(), tuple(pictures), what.claims("S1", "S2", "L1"))


def symmetry_numbers(tables: Tables, sweeps: int) -> dict[str, Any]:
    """What the section tells, by name.

    Args:
        tables: of the experiment "symmetry".
        sweeps: after which the networks are looked at.
    """
    networks = tables["networks"]
    own = networks[networks["task"] == "symmetry"]
    xor = networks[networks["task"] == "XOR"]
    two = own[(own["hidden"] == 2) & (own["epsilon"] == PRINTED_RECIPE)]
    none = own[own["hidden"] == 0]
    solved = two[two["solved"]]
    as_printed = solved["as_in_the_paper"].astype(bool)
    return {
        "sweeps": sweeps,
        "printed": PRINTED_RECIPE,
        "gentle": GENTLE_EPSILON,
        "share_in_time": (two["sweeps_to_solve"] <= symmetry.PRINTED_SWEEPS).mean(),
        "share_solved": len(solved) / len(two),
        "solutions": len(solved),
        "share_as_printed": as_printed.mean(),
        "solution_as_printed": bool(as_printed.any()),
        "share_other_ratio": solved["in_ratio_2_3_4"].astype(bool).mean(),
        "most_without_hidden": symmetry.most_right_without_hidden_units(),
        "networks_without_hidden": len(none),
        "best_without_hidden": int(none["cases_right"].max()),
        **_stuck(tables, own),
        **_poor(own),
        "xor": (xor["solved"].mean(), *wilson(int(xor["solved"].sum()), len(xor))),
        "xor_networks": len(xor),
    }


def _stuck(tables: Tables, own: pd.DataFrame) -> dict[str, Any]:
    """How networks with hidden units fail with the printed step size."""
    stuck = own[(own["hidden"] > 0) & (own["epsilon"] == PRINTED_RECIPE) & ~own["solved"]]
    dark = int((stuck["on"] == 0).sum())
    ends = tables["ends"]
    at_end = ends[
        (ends["hidden"] > 0) & (ends["on"] == 0) & (ends["epsilon"] == PRINTED_RECIPE) & (ends["task"] == "symmetry")
    ]
    error = float((at_end["median_squared_error"] * at_end["networks"]).sum() / max(1, at_end["networks"].sum()))
    most = int(own["hidden"].max())
    few_printed, more_printed, few_gentle, more_gentle = (
        _solved(own, epsilon, hidden) for epsilon in (PRINTED_RECIPE, GENTLE_EPSILON) for hidden in (2, most)
    )
    return {
        "stuck": len(stuck),
        "dark": dark,
        "share_dark": dark / max(1, len(stuck)),
        "error_dark": error,
        "error_dark_near": abs(error - DARK_ERROR) < 0.05,
        "share_freed": stuck["solved_with_gentle_steps"].mean(),
        "more_units_worse": _worse(more_printed, few_printed) and not _worse(more_gentle, few_gentle),
    }


def _worse(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether fewer networks of the first kind than of the second solve the task; each solved, and of how many."""
    (solved, of), (others_solved, of_others) = one, other
    return difference_interval((solved, others_solved), (of, of_others)).high < 0


def _poor(own: pd.DataFrame) -> dict[str, Any]:
    """The networks that fail with the smaller steps."""
    gentle = own[(own["epsilon"] == GENTLE_EPSILON) & (own["hidden"] > 0)]
    poor = gentle[~gentle["solved"]]
    return {
        "poor": len(poor),
        "poor_of_two": int((poor["hidden"] == 2).sum()),
        "poor_rare": wilson(len(poor), len(gentle)).high < NOT_REPLICATED_BELOW,
        "poor_least_right": poor["cases_right"].min(),
        "poor_most_right": poor["cases_right"].max(),
        "poor_least_error": poor["squared_error"].min(),
        "poor_most_error": poor["squared_error"].max(),
    }


def _solved(own: pd.DataFrame, epsilon: float, hidden: int) -> tuple[int, int]:
    """How many networks solved the task, and of how many."""
    some = own[(own["epsilon"] == epsilon) & (own["hidden"] == hidden)]
    return int(some["solved"].sum()), len(some)


def _table(networks: pd.DataFrame) -> tuple[tuple[str, ...], ...]:
    own = networks[networks["task"] == "symmetry"]
    rows = []
    for hidden in HIDDEN_UNITS:
        counts = [_solved(own, epsilon, hidden) for epsilon in (PRINTED_RECIPE, GENTLE_EPSILON)]
        shares = (interval((solved / of, *wilson(solved, of))) for solved, of in counts)
        rows.append((str(hidden), *shares))
    return tuple(rows)
