"""Figure 5: iterative networks."""

from __future__ import annotations

from family_trees.views.figures.iterative import draw_iterative, draw_memory
from family_trees.views.report.found import Found, prose
from family_trees.views.report.page import Picture, ReportPart


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
    texts = prose("iterative", numbers)
    pictures = (
        Picture("fig5-iterative", draw_iterative(), texts("fig5_alt"), texts("fig5_caption")),
        Picture("iterative", draw_memory(steps), texts("memory_alt"), texts("memory_caption")),
    )
    return ReportPart("iterative", texts("title"), texts.paragraphs(), pictures, what.claims("I1"))
