"""Figures 2 and 3: the trees, and a network that answers a question."""

from __future__ import annotations

from family_trees.views.figures.activities import draw_activities
from family_trees.views.figures.of_model import QUESTION
from family_trees.views.figures.trees import draw_trees
from family_trees.views.figures.view import paper_view
from family_trees.views.report.found import Found, prose
from family_trees.views.report.page import Picture, ReportPart


def task_part(what: Found) -> ReportPart:
    """The section on figures 2 and 3."""
    answers = what.shown.ask(*QUESTION).answers
    told = " and ".join(f"{each.person} ({each.activity:.2f})" for each in answers) or "nobody"
    numbers = {"answers": told, "answers_count": max(1, len(answers)), "number": what.shown.number}
    texts = prose("task", {"person": QUESTION.person, "relation": QUESTION.relation, **numbers})
    pictures = (
        Picture("fig2-trees", draw_trees(paper_view()), texts("fig2_alt"), texts("fig2_caption")),
        Picture("fig3-activities", draw_activities(what.shown, QUESTION), texts("fig3_alt"), texts("fig3_caption")),
    )
    return ReportPart("task", texts("title"), texts.paragraphs(), pictures)
