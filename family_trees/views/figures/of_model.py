"""All figures of one model, written into a directory."""

from __future__ import annotations

from pathlib import Path

from family_trees.analysis.composition import compositions
from family_trees.engine.embedding import Embedding
from family_trees.families.kinship import MAX_PEOPLE_SHOWN
from family_trees.families.task import Case
from family_trees.models.model import Model
from family_trees.studies.training_tables import curve_means, curve_rows
from family_trees.views.figures.activities import draw_activities
from family_trees.views.figures.codes import draw_people, draw_similarity, person_codes, similarity_matrices
from family_trees.views.figures.composition import draw_composition
from family_trees.views.figures.curves import draw_curves
from family_trees.views.figures.matrices import draw_people_as_matrices, draw_product, draw_relations_as_matrices
from family_trees.views.figures.style import Figure, Format, fonts_for, save_legibly
from family_trees.views.figures.trees import draw_trees
from family_trees.views.figures.turned import draw_turned_people
from family_trees.views.figures.view import View, check_paper_layers, view_of
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
    """Draw all figures of one model into an existing directory.

    The network of the paper is drawn in the paper's layout. In another family, only a part of the people is shown if
    there are many. Vectors and matrices have figures of their own in the place of figures 3 and 4.

    Args:
        form: the kind of the files.
        question: the question whose activities are drawn. By default it is the paper's question, or else the first
            held-out case of the people shown, or else the first case.
        around: show the people near to this person. By default it is the person of the question, or the one with the
            most facts.
        most: the most people to show.

    Returns:
        The names of the files.

    Raises:
        FamilyTreesError: a file cannot be written, or the network does not have the layers of the paper.
    """
    if not isinstance(model.architecture, Embedding):
        check_paper_layers(model)
    asked_about = question.person if question and len(model.task.people) > most else None
    view = view_of(model, around or asked_about, most)
    curve = curve_means(curve_rows(model.recipe.name, [model.number], model.curve))
    figures = {"fig2-trees": draw_trees(view)} if view.drawings else {}
    asked = question or _question(model, view)
    if isinstance(model.architecture, Embedding):
        figures |= _of_successor(model, asked, view)
    else:
        figures |= {
            "fig3-activities": draw_activities(model, asked, view),
            "fig4-people": draw_weights(model, "person", view),
            "fig4-relations": draw_weights(model, "relation", view),
        }
    if "people-turned" not in figures:
        figures["people"] = draw_people(person_codes(model, view), view)
    figures |= {
        "learning-curves": draw_curves(curve, len(model.training_cases), len(model.held_out)),
        "similarity": draw_similarity({f"network {model.number}": similarity_matrices(model, view)}, view),
    }
    fonts, _ = fonts_for((*model.task.people, *model.task.relations))
    for name, figure in figures.items():
        save_legibly(figure, directory / f"{name}.{form}", fonts)
    return [f"{name}.{form}" for name in sorted(figures)]


def _of_successor(model: Model, question: Case, view: View) -> dict[str, Figure]:
    """The figures that only vectors and matrices have, by the names of their files."""
    figures = {
        "fig3-product": draw_product(model, question),
        "fig4-people": draw_people_as_matrices(model, view),
        "fig4-relations": draw_relations_as_matrices(model),
    }
    if compositions(model.task):
        figures["composition"] = draw_composition(model)
    if view.has_paper_layout:
        figures["people-turned"] = draw_turned_people(model, view)
    return figures


def _question(model: Model, view: View) -> Case:
    """The question of the paper, or a case of the people shown, a held-out one if possible; or else the first case."""
    task, part = model.task, view.part
    if QUESTION in task.answers and QUESTION.person in part.people and not part.around:
        return QUESTION
    held_out = {*model.held_out}
    for people in ((part.around,), part.people):
        of_people = [case for case in task.cases if case.person in people]
        if of_people:
            return min(of_people, key=lambda case: case not in held_out)
    return task.cases[0]
