"""All figures of the results can be read where they are shown: by their size, their letters and their colours."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
import pytest
from colour_vision import VISION, apart, seen
from matplotlib.collections import Collection
from matplotlib.colors import to_hex, to_rgb
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text

from family_trees.analysis.encoding import ENCODING_THRESHOLD
from family_trees.models.saved import load
from family_trees.studies.paper.rules import NEAR_EQUIVALENT_SHARE
from family_trees.views.figures.activities import draw_activities
from family_trees.views.figures.codes import draw_people, draw_similarity, person_codes, similarity_matrices
from family_trees.views.figures.curves import draw_curves, draw_emergence
from family_trees.views.figures.iterative import draw_iterative, draw_memory
from family_trees.views.figures.of_model import QUESTION
from family_trees.views.figures.style import FIGURE_SETTINGS, WIDTH, Figure, without_headline
from family_trees.views.figures.symmetry import HIDDEN_LINE_COLOURS, draw_solved
from family_trees.views.figures.trees import draw_trees
from family_trees.views.figures.units import draw_encoding, draw_nearness, draw_usefulness
from family_trees.views.figures.view import paper_view
from family_trees.views.figures.weights import draw_weights
from family_trees.views.studies_report.desk import tables_in
from family_trees.views.studies_report.pages import words_of
from family_trees.views.studies_report.report import APPENDIX, SECTIONS, from_json

RESULTS = Path(__file__).parents[1] / "results"

SMALLEST_LETTERS = 8
"""In points, in a figure that is shown at its own width."""

FAR_ENOUGH = 10
"""The least distance of two colours that mean two things in one figure; some five times what is just noticed."""


def of_studies() -> dict[str, Figure]:
    numbers = from_json((RESULTS / "studies" / "numbers.json").read_text(encoding="utf-8"))
    found: dict[str, Figure] = {}
    for name, section in SECTIONS.items():
        words = dict(words_of(name, numbers[name]))
        words |= words_of("appendix", numbers[name]) if name == APPENDIX else {}
        found |= section.draw(tables_in(RESULTS / "studies"), words)
    return found


def of_report() -> dict[str, Figure]:
    def table(name: str) -> pd.DataFrame:
        return pd.read_csv(RESULTS / "tables" / f"{name}.csv")

    model, view = load(), paper_view()
    networks, best, solved = table("units/networks"), table("units/best-units"), table("symmetry/solved")
    near = ("equivalents_nearer", "equivalents_nearer_without_nationality")
    useful = ("usefulness_of_weights", "usefulness_of_weights_without_decay")
    sizes = np.linspace(0.1, 3, 30)
    return {
        "fig2-trees": draw_trees(view),
        "fig3-activities": draw_activities(model, QUESTION),
        "fig4-people": draw_weights(model, "person"),
        "fig4-relations": draw_weights(model, "relation"),
        "people": draw_people(person_codes(model, view), view),
        "similarity": draw_similarity({"one network": similarity_matrices(model, view)}, view),
        "fig5-iterative": draw_iterative(),
        "iterative": draw_memory(table("iterative/steps")),
        "learning-curves": draw_curves(table("learning/curve"), 100, 4),
        "emergence": draw_emergence(table("units/emergence")),
        "units": draw_encoding(best, table("units/chance"), best[best["network"] == 0], ENCODING_THRESHOLD),
        "nearness": draw_nearness({name: networks[name].dropna().to_numpy() for name in near}, NEAR_EQUIVALENT_SHARE),
        "usefulness": draw_usefulness(sizes, sizes**2, {name: networks[name].dropna().to_numpy() for name in useful}),
        "symmetry-solved": draw_solved(solved[solved["task"] == "symmetry"]),
    }


@pytest.fixture(scope="module")
def figures() -> dict[str, Figure]:
    """All of them by name, laid out."""
    found = of_studies() | of_report()
    with matplotlib.rc_context(FIGURE_SETTINGS):
        for figure in found.values():
            figure.draw_without_rendering()
    return found


def test_figures_fit_the_page_and_their_letters_are_large_enough(figures: dict[str, Figure]) -> None:
    for name, figure in figures.items():
        assert figure.get_size_inches()[0] <= WIDTH, name
        shown = [text for text in figure.findobj(Text) if isinstance(text, Text) and text.get_text()]
        small = {
            text.get_text() for text in shown if text.get_visible() and float(text.get_fontsize()) < SMALLEST_LETTERS
        }
        assert not small, (name, small)


def test_every_figure_says_what_it_shows(figures: dict[str, Figure]) -> None:
    """In bold over it, within the figure, and over nothing else."""
    for name, figure in figures.items():
        assert figure.headline is not None, name
        title, _ = figure.headline
        assert title.get_fontweight() == "bold", name
        assert len(title.get_text().split()) >= 5, name
        box = title.get_window_extent()
        assert box.x1 <= figure.bbox.x1, name
        ticks = {label for axes in figure.axes for label in (*axes.get_xticklabels(), *axes.get_yticklabels())}
        others = {text for axes in figure.axes for text in axes.findobj(Text) if isinstance(text, Text)} - ticks
        boxes = [text.get_window_extent() for text in others if text.get_text()]
        assert not [other for other in boxes if other.padded(-2).overlaps(box)], name


def colours_of(handle: Any) -> str:
    """The colour of a sign in a legend, on white."""
    colour: Any = handle.get_color() if isinstance(handle, Line2D) else handle.get_facecolor()
    if isinstance(handle, Patch) and not handle.get_fill():
        colour = handle.get_edgecolor()
    if isinstance(handle, Collection):
        colour = colour[0]
    strength = handle.get_alpha() or 1.0
    red, green, blue = (strength * part + 1 - strength for part in to_rgb(colour))
    return to_hex((red, green, blue))


def test_colours_of_one_figure_stay_apart_for_colour_blind_readers(figures: dict[str, Figure]) -> None:
    for name, figure in figures.items():
        used = {colours_of(handle) for legend in figure.legends for handle in legend.legend_handles}
        used |= {to_hex(text.get_color()) for axes in figure.axes for text in axes.texts if text.get_text()}
        for one, other in combinations(sorted(used), 2):
            for vision in VISION:
                assert apart(one, other, vision) >= FAR_ENOUGH, (name, one, other, vision)
    for vision in VISION:
        assert min(apart(a, b, vision) for a, b in combinations(HIDDEN_LINE_COLOURS, 2)) >= FAR_ENOUGH


def test_the_simulation_finds_colours_that_look_alike() -> None:
    """Red and green of one lightness to those who lack the cones for red or green; not to others, nor in blue."""
    red, green = "#b55a30", "#7a7a00"
    assert apart(red, green, "usual") > 30
    assert apart(red, green, "deuteranopia") < 20
    assert apart("#000000", "#ffffff", "tritanopia") == pytest.approx(100, abs=1)
    for vision in VISION:
        assert seen("#808080", vision)[1:] == pytest.approx([0, 0], abs=1)  # grey stays grey


def test_colours_of_maps_rise_in_lightness_for_everybody() -> None:
    for vision in VISION:
        lightness = [seen(matplotlib.colormaps["cividis"](x)[:3], vision)[0] for x in np.linspace(0, 1, 20)]
        assert np.diff(lightness).min() > 0


def test_a_headline_can_be_taken_off() -> None:
    """For slides, which write their own: the panels stay as large as they are."""
    for figure in (draw_iterative(), draw_memory(pd.read_csv(RESULTS / "tables" / "iterative" / "steps.csv"))):
        figure.draw_without_rendering()
        before = [axes.get_window_extent().height for axes in figure.axes]
        assert without_headline(figure) is figure
        figure.draw_without_rendering()
        assert not figure.texts
        assert [axes.get_window_extent().height for axes in figure.axes] == pytest.approx(before, rel=0.02)
