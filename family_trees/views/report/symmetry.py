"""Figure 1: how many networks solve the symmetry task, in what form, and how the others fail."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from family_trees.models import symmetry
from family_trees.studies.paper.jobs import Tables
from family_trees.studies.paper.rules import NOT_REPLICATED_BELOW
from family_trees.studies.paper.symmetry import GENTLE_EPSILON
from family_trees.support.intervals import difference_interval, wilson
from family_trees.views.figures.symmetry import draw_solved, draw_symmetry
from family_trees.views.report.found import Found, section
from family_trees.views.report.page import ReportPart

if TYPE_CHECKING:
    import pandas as pd

    from family_trees.views.report.found import Draw

PRINTED_EPSILON = symmetry.PRINTED_RECIPE.epsilon[1]


DARK_ERROR = 4.0
"""E of an output that is 0 for every vector: half of the 8 symmetric ones (equation 3)."""


def symmetry_part(what: Found) -> ReportPart:
    """The section on figure 1."""
    tables = what.tables["symmetry"]
    solved = tables["solved"]
    figures: dict[str, Draw] = {"symmetry-solved": partial(draw_solved, solved[solved["task"] == "symmetry"])}
    if what.solution is not None:
        figures["fig1-symmetry"] = partial(draw_symmetry, what.solution)
    numbers = {"networks": what.size.symmetry, **symmetry_numbers(tables, what.size.symmetry_sweeps)}
    return section(what, "symmetry", numbers, figures)


def symmetry_numbers(tables: Tables, sweeps: int) -> dict[str, Any]:
    """What the section tells, by name.

    Args:
        tables: of the experiment "symmetry".
        sweeps: after which the networks are looked at.
    """
    networks = tables["networks"]
    own = networks[networks["task"] == "symmetry"]
    two = own[(own["hidden"] == 2) & (own["epsilon"] == PRINTED_EPSILON)]
    none = own[own["hidden"] == 0]
    solved = two[two["solved"]]
    as_printed = solved["as_in_the_paper"].astype(bool)
    gentle_solved, gentle = _solved(own, GENTLE_EPSILON, 2)
    return {
        "sweeps": sweeps,
        "share_in_time": (two["sweeps_to_solve"] <= symmetry.PRINTED_SWEEPS).mean(),
        "share_solved": len(solved) / len(two),
        "gentle_solved": gentle_solved / gentle,
        "solutions": len(solved),
        "share_as_printed": as_printed.mean(),
        "solution_as_printed": bool(as_printed.any()),
        "share_other_ratio": solved["in_ratio_2_3_4"].astype(bool).mean(),
        "most_without_hidden": symmetry.most_right_without_hidden_units(),
        "networks_without_hidden": len(none),
        "best_without_hidden": int(none["cases_right"].max()),
        **_stuck(tables, own),
        **_poor(own),
    }


def _stuck(tables: Tables, own: pd.DataFrame) -> dict[str, Any]:
    """How networks with hidden units fail with the printed step size."""
    stuck = own[(own["hidden"] > 0) & (own["epsilon"] == PRINTED_EPSILON) & ~own["solved"]]
    ends = tables["ends"]
    at_end = ends[
        (ends["hidden"] > 0) & (ends["on"] == 0) & (ends["epsilon"] == PRINTED_EPSILON) & (ends["task"] == "symmetry")
    ]
    error = float((at_end["median_squared_error"] * at_end["networks"]).sum() / max(1, at_end["networks"].sum()))
    most = int(own["hidden"].max())
    few_printed, more_printed, few_gentle, more_gentle = (
        _solved(own, epsilon, hidden) for epsilon in (PRINTED_EPSILON, GENTLE_EPSILON) for hidden in (2, most)
    )
    return {
        "stuck": len(stuck),
        "with_hidden": int(((own["hidden"] > 0) & (own["epsilon"] == PRINTED_EPSILON)).sum()),
        "dark": int((stuck["on"] == 0).sum()),
        "share_dark": float((stuck["on"] == 0).sum()) / max(1, len(stuck)),
        "error_dark_near": abs(error - DARK_ERROR) < 0.05,
        "printed_difference": _difference(*(_solved(own, PRINTED_EPSILON, hidden) for hidden in (4, 2))),
        "share_freed": stuck["solved_with_gentle_steps"].mean(),
        "more_units_worse": _worse(more_printed, few_printed) and not _worse(more_gentle, few_gentle),
    }


def _difference(one: tuple[int, int], other: tuple[int, int]) -> tuple[float, float, float]:
    """The difference of two shares, and its interval; of each, how many solved the task, and of how many."""
    (solved, of), (others_solved, of_others) = one, other
    interval = difference_interval((solved, others_solved), (of, of_others))
    return solved / of - others_solved / of_others, interval.low, interval.high


def _worse(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether fewer networks of the first kind than of the second solve the task; each solved, and of how many."""
    return _difference(one, other)[2] < 0


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
    }


def _solved(own: pd.DataFrame, epsilon: float, hidden: int) -> tuple[int, int]:
    """How many networks solved the task, and of how many."""
    some = own[(own["epsilon"] == epsilon) & (own["hidden"] == hidden)]
    return int(some["solved"].sum()), len(some)
