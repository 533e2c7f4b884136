"""All figures of one model."""

from __future__ import annotations

from pathlib import Path

from family_trees.families.kinship import MAX_PEOPLE_SHOWN
from family_trees.families.task import Case
from family_trees.models.model import Model
from family_trees.studies.training_tables import curve_means, curve_rows
from family_trees.views.figures.activities import draw_activities
from family_trees.views.figures.codes import draw_people, draw_similarity, likeness_of, person_codes
from family_trees.views.figures.curves import draw_curves
from family_trees.views.figures.style import Format, fonts_for, save_legibly
from family_trees.views.figures.trees import draw_trees
from family_trees.views.figures.view import View, check_layers, view_of
from family_trees.views.figures.weights import draw_weights

QUESTION = Case("Colin", "aunt")
"""The question of Nature, fig. 3."""


def draw(
    model: Model,
    directory: Path,
    form: Format = "png",
    question: Case | None = None,
    around: str | None = None,
    most: int = MAX_PEOPLE_SHOWN,
) -> list[str]:
    """Draw the figures of one model into an existing directory, and give the names of the files.

    Those of the network of the paper stand as in the paper; of other people, a part is shown where there are many.

    Args:
        question: whose activities to draw; by default that of the paper, or the first held-out case of who is shown,
            or the first case.
        around: who the shown people are near to; by default whom the question is about, or who has the most facts.
        most: how many people to show.

    Raises:
        FamilyTreesError: a file cannot be written, or the network has not the layers of the paper.
    """
    check_layers(model)
    asked_about = question.person if question and len(model.task.people) > most else None
    view = view_of(model, around or asked_about, most)
    curve = curve_means(curve_rows(model.recipe.name, [model.number], model.curve))
    figures = {"fig2-trees": draw_trees(view)} if view.drawings else {}
    figures |= {
        "fig3-activities": draw_activities(model, question or _question(model, view), view),
        "fig4-people": draw_weights(model, "person", view),
        "fig4-relations": draw_weights(model, "relation", view),
        "learning-curves": draw_curves(curve, len(model.training_cases), len(model.held_out)),
        "people": draw_people(person_codes(model, view), view),
        "similarity": draw_similarity({f"network {model.number}": likeness_of(model, view)}, view),
    }
    fonts, _ = fonts_for((*model.task.people, *model.task.relations))
    for name, figure in figures.items():
        save_legibly(figure, directory / f"{name}.{form}", fonts)
    return [f"{name}.{form}" for name in figures]


def _question(model: Model, view: View) -> Case:
    """The paper's, or the first held-out case of the person in the middle, or of those who are shown; or the first."""
    task, part = model.task, view.part
    if QUESTION in task.answers and QUESTION.person in part.people and not part.around:
        return QUESTION
    held_out = {*model.held_out}
    for people in ((part.around,), part.people):
        own = [case for case in task.cases if case.person in people]
        if own:
            return min(own, key=lambda case: case not in held_out)
    return task.cases[0]
