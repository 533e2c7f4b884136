"""Figure 5: iterative networks."""

from __future__ import annotations

from functools import partial

from family_trees.views.figures.iterative import draw_memory
from family_trees.views.report.found import Found, section
from family_trees.views.report.page import ReportPart


def iterative_part(what: Found) -> ReportPart:
    """The section on figure 5."""
    steps = what.tables["iterative"]["steps"]
    first, last = steps.iloc[0], steps.iloc[-1]
    numbers = {
        "gradient_error": steps["gradient_error"].max(),
        "networks": int(first["networks"]),
        "units": int(first["units"]),
        "first_steps": int(first["steps"]),
        "first_share": first["share_learned"],
        "last_steps": int(last["steps"]),
        "last_share": last["share_learned"],
        "falling": steps["share_learned"].is_monotonic_decreasing and last["share_learned"] < first["share_learned"],
    }
    return section(what, "iterative", numbers, {"iterative": partial(draw_memory, steps)})
