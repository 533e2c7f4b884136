"""Does the size of a weight tell its usefulness?"""

from __future__ import annotations

from family_trees.analysis.usefulness import rank_correlation, weight_sizes_and_rises
from family_trees.studies.paper.rules import USEFUL_CORRELATION
from family_trees.views.figures.units import draw_usefulness
from family_trees.views.report.found import Found, prose
from family_trees.views.report.page import Picture, ReportPart, ReportTable


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
    shown = {"number": model.number, "shown": rank_correlation(sizes, rises), "tells": USEFUL_CORRELATION}
    texts = prose("usefulness", means | counts | shown)
    head, *rows = texts.rows("table")
    picture = Picture("usefulness", draw_usefulness(sizes, rises, over), texts("alt"), texts("caption"))
    table = ReportTable(texts("table_caption"), head, tuple(rows))
    return ReportPart("usefulness", texts("title"), texts.paragraphs(), (picture, table), what.claims("F6"))
