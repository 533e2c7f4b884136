"""Figures are read back from their drawing: what is on them, where, and how large."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from matplotlib.text import Text

from family_trees.analysis.encoding import encodings
from family_trees.engine.network import Connection
from family_trees.families.of_1986 import load_families
from family_trees.families.task import Case
from family_trees.models.model import Model
from family_trees.models.training import Trained
from family_trees.studies.training_tables import curve_means, curve_rows
from family_trees.views.figures.activities import draw_activities
from family_trees.views.figures.curves import draw_curves
from family_trees.views.figures.style import save_figure
from family_trees.views.figures.trees import draw_trees
from family_trees.views.figures.view import paper_view
from family_trees.views.figures.weights import draw_weights, unit_order


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text) if isinstance(text, Text) and text.get_text()]


def squares(figure: Figure) -> list[tuple[tuple[float, float], float, bool]]:
    """Centre, area and whiteness of every square, in the order of drawing."""
    found = []
    for collection in figure.axes[0].collections:
        assert isinstance(collection, PatchCollection)
        for path, colour in zip(collection.get_paths(), collection.get_facecolor(), strict=True):
            (x0, y0), (x1, y1) = path.get_extents().get_points()
            white = bool(np.all(np.asarray(colour)[:3] == 1))
            found.append((((x0 + x1) / 2, (y0 + y1) / 2), (x1 - x0) * (y1 - y0), white))
    return found


def overlapping(figure: Figure) -> list[tuple[str, str]]:
    """Pairs of texts whose boxes overlap on the page."""
    figure.draw_without_rendering()
    boxes = [
        (text.get_text(), text.get_window_extent())
        for text in figure.findobj(Text)
        if isinstance(text, Text) and text.get_text().strip() and text.get_visible()
    ]
    return [(a, b) for k, (a, one) in enumerate(boxes) for b, other in boxes[k + 1 :] if one.padded(-1).overlaps(other)]


def test_figure_2_has_everybody_once() -> None:
    figure = draw_trees(paper_view())
    names = [person.name for person in load_families().people]
    title = "The two families have the same tree, with other names"
    assert sorted(texts(figure)) == sorted([*names, "English family", "Italian family", title])
    assert not overlapping(figure)


@pytest.mark.parametrize("case", [Case("Colin", "aunt"), Case("Sophia", "father")])
def test_figure_3_area_is_activity(model: Model, case: Case) -> None:
    figure = draw_activities(model, case)
    layers = ("answer", "penultimate", "central", "person code", "relation code", "person", "relation")
    y = model.activities(case)
    expected = np.concatenate([y[layer].ravel() for layer in layers])
    drawn = squares(figure)
    np.testing.assert_allclose([area for _, area, _ in drawn], 0.94**2 * expected, atol=1e-12)
    dots = [dot.center for dot in figure.findobj(Circle) if isinstance(dot, Circle)]
    on_right_answers = [drawn[model.task.people.index(name)][0] for name in model.task.answers[case]]
    np.testing.assert_allclose(dots, on_right_answers)
    title = " ".join(figure.texts[-1].get_text().split())
    answered = [each.person for each in model.ask(*case).answers]
    assert title.startswith(f"{case.person} has-{case.relation} ? The network answers {', '.join(answered)}")
    assert ("that is right" in title) == ({*answered} == {*model.task.answers[case]})
    assert not overlapping(figure)


def test_figure_3_english_stand_above_their_equivalents(model: Model) -> None:
    answers = squares(draw_activities(model, Case("Colin", "aunt")))[:24]
    for english, italian in zip(answers[:12], answers[12:], strict=True):
        assert english[0] == pytest.approx((italian[0][0], italian[0][1] + 1))


def test_figure_4_names_stand_at_their_columns(model: Model) -> None:
    """English names above the English row, Italian names below the Italian row, each over its own weights."""
    figure = draw_weights(model, "person")
    at = {
        text.get_text(): text.get_position()
        for text in figure.findobj(Text)
        if isinstance(text, Text) and text.get_position()[0] < 12.5
    }
    drawn = squares(figure)
    for k, name in enumerate(model.task.people):
        (x, y), *_ = drawn[k]
        assert at[name][0] == pytest.approx(x)
        assert at[name][1] > y if k < 12 else at[name][1] < drawn[4 * 24 + k][0][1]
    assert at["English"][1] > at["Italian"][1]
    assert drawn[0][0][1] > drawn[12][0][1]


def test_figure_3_names_stand_at_their_columns(model: Model) -> None:
    figure = draw_activities(model, Case("Colin", "aunt"))
    drawn = squares(figure)
    placed = [(text.get_text(), *text.get_position()) for text in figure.findobj(Text) if isinstance(text, Text)]
    for k, name in enumerate(model.task.people):
        xs = [x for text, x, _ in placed if text == name]
        ys = [y for text, _, y in placed if text == name]
        assert xs == pytest.approx([drawn[k][0][0]] * 2)  # over the answer and over the input
        assert max(ys) > drawn[k][0][1] if k < 12 else max(ys) < drawn[k][0][1]


@pytest.mark.parametrize(("group", "size"), [("person", 24), ("relation", 12)])
def test_figure_4_area_and_colour_are_the_weight(model: Model, group: Literal["person", "relation"], size: int) -> None:
    figure = draw_weights(model, group)
    weights = model.weights[Connection(group, f"{group} code")][0]
    drawn = squares(figure)
    assert len(drawn) == 6 * size
    names = model.task.people if group == "person" else model.task.relations
    by_unit = weights.T[unit_order(encodings(weights, model.task, group), group, model.task)].ravel()
    np.testing.assert_allclose([area for _, area, _ in drawn], 0.94**2 * np.abs(by_unit) / np.abs(by_unit).max())
    assert [white for _, _, white in drawn] == (by_unit > 0).tolist()
    assert {*names, *(f"unit {k}" for k in range(1, 7))} <= set(texts(figure))
    assert not overlapping(figure)


def test_figure_4_says_what_a_unit_encodes_and_puts_it_first(model: Model) -> None:
    """Weights made so that unit 3 of the person code encodes nationality, and unit 5 nearly sex; all else is noise."""
    connection = Connection("person", "person code")
    people = {person.name: person for person in load_families().people}
    weights = np.random.default_rng(1).normal(size=(24, 6))
    weights[:, 2] = np.repeat([0.5, -2.0], 12)
    weights[:, 4] += [3 if people[name].sex == "male" else -3 for name in model.task.people]
    planted = replace(model, weights=model.weights | {connection: weights[None]})
    told = texts(draw_weights(planted, "person"))
    shares = [text for text in told if "%" in text]
    assert shares[0] == "nationality (100%)"
    assert re.fullmatch(r"sex \(\d\d%\)", shares[1])
    assert len(shares) == 2
    assert [text for text in told if text.startswith("unit ")] == [f"unit {k}" for k in (3, 5, 1, 2, 4, 6)]


def test_learning_curves(trained: Trained) -> None:
    one, two = (curve_rows(name, trained.numbers, trained.curve) for name in ("one", "two"))
    figure = draw_curves(curve_means(pd.concat([one, two])), 100, 4)
    lines = figure.axes[0].get_lines()
    np.testing.assert_allclose(np.asarray(lines[0].get_ydata()), trained.curve.squared_error.mean(axis=0), atol=1e-4)
    assert [axes.get_title(loc="left") for axes in figure.axes] == [
        "E, logarithmic",
        "training cases right, of 100",
        "held-out cases right, of 4",
    ]
    assert {"one", "two"} <= set(texts(figure))
    assert len(draw_curves(curve_means(one), 104, 0).axes) == 2


@pytest.mark.parametrize(("suffix", "magic"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_formats_and_equal_bytes(model: Model, tmp_path: Path, suffix: str, magic: bytes) -> None:
    one, two = tmp_path / f"one.{suffix}", tmp_path / f"two.{suffix}"
    for path in (one, two):
        save_figure(draw_weights(model, "relation"), path)
    assert one.read_bytes().startswith(magic)
    assert one.read_bytes() == two.read_bytes()
    assert sorted(tmp_path.iterdir()) == [one, two]


def test_style_leaks_nowhere(model: Model) -> None:
    import matplotlib

    before = dict(matplotlib.rcParams)
    draw_weights(model, "person")
    assert dict(matplotlib.rcParams) == before
