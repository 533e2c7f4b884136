"""All figures of one model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from family_trees.analysis.encoding import named_layers, without_nationality
from family_trees.analysis.likeness import similarity
from family_trees.families.kinship import MOST_SHOWN, ShownPeople, people_around
from family_trees.families.of_1986 import load_families
from family_trees.families.task import Case
from family_trees.models.model import Model
from family_trees.studies.training_tables import curve_means, curve_rows
from family_trees.views.figures.activities import draw_activities, draw_activities_of
from family_trees.views.figures.curves import draw_curves
from family_trees.views.figures.people import draw_map, draw_people
from family_trees.views.figures.similarity import draw_similarity, draw_similarity_of
from family_trees.views.figures.style import Format, fonts_for, save_legibly
from family_trees.views.figures.trees import draw_trees
from family_trees.views.figures.view import check_layers, is_of_the_paper, paper_view, pedigree_view
from family_trees.views.figures.weights import draw_weights, draw_weights_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw(
    model: Model,
    directory: Path,
    form: Format = "png",
    question: Case | None = None,
    around: str | None = None,
    most: int = MOST_SHOWN,
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
    curve = draw_curves(
        curve_means(curve_rows(model.recipe.name, [model.number], model.curve)),
        len(model.training_cases),
        len(model.held_out),
    )
    figures: dict[str, Figure]
    if around is None and is_of_the_paper(model) and len(model.task.people) <= most:
        figures = {
            "fig2-trees": draw_trees(paper_view()),
            "fig3-activities": draw_activities(model, question or QUESTION),
            "fig4-people": draw_weights(model, "person"),
            "fig4-relations": draw_weights(model, "relation"),
            "learning-curves": curve,
            "people": draw_code(model),
            "similarity": draw_likeness(model),
        }
    else:
        check_layers(model)
        asked_about = question.person if question and len(model.task.people) > most else None
        shown = pedigree_view(model.task, people_around(model.task, around or asked_about, most))
        figures = {"fig2-trees": draw_trees(shown)} if shown.drawings else {}
        figures |= {
            "fig3-activities": draw_activities_of(model, question or _question(model, shown.part), shown),
            "fig4-people": draw_weights_of(model, "person", shown),
            "fig4-relations": draw_weights_of(model, "relation", shown),
            "learning-curves": curve,
            "people": draw_map(model, shown),
            "similarity": draw_similarity_of(model, shown),
        }
    fonts, _ = fonts_for((*model.task.people, *model.task.relations))
    for name, figure in figures.items():
        save_legibly(figure, directory / f"{name}.{form}", fonts)
    return [f"{name}.{form}" for name in figures]


def _question(model: Model, shown: ShownPeople) -> Case:
    """The paper's, or the first held-out case of the person in the middle, or of those who are shown; or the first."""
    task = model.task
    if QUESTION in task.answers and QUESTION.person in shown.people and not shown.around:
        return QUESTION
    held_out = {*model.held_out}
    for people in ((shown.around,), shown.people):
        own = [case for case in task.cases if case.person in people]
        if own:
            return min(own, key=lambda case: case not in held_out)
    return task.cases[0]


QUESTION = Case("Colin", "aunt")
"""The question of Nature, fig. 3."""


def draw_code(model: Model) -> Figure:
    """The map of the people by the person code of `model`."""
    code = named_layers(model.weights, model.task, model.architecture)["person code"]
    generations = [load_families().generation(name) for name in model.task.people]
    return draw_people(code.activities[0], model.task.people, generations)


def draw_likeness(model: Model) -> Figure:
    """How alike the codes of all people are in `model`."""
    return draw_similarity({f"network {model.number}": _likeness(model)}, model.task.people)


def _likeness(model: Model) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """With all units, and without those that encode nationality, (people, people) each."""
    code = named_layers(model.weights, model.task, model.architecture)["person code"]
    return similarity(code.activities)[0], similarity(without_nationality(code, model.task))[0]
