"""Figures of what the units learned: what is drawn is what was given, and names can be read."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.text import Text

from family_trees.views.figures.codes import draw_people, draw_similarity
from family_trees.views.figures.curves import draw_code_by_sweep, draw_emergence
from family_trees.views.figures.iterative import draw_iterative, draw_memory
from family_trees.views.figures.symmetry import draw_solved
from family_trees.views.figures.units import draw_encoding, draw_nearness, draw_usefulness
from family_trees.views.figures.view import paper_view

VIEW = paper_view()
PEOPLE = list(VIEW.people)


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text) if isinstance(text, Text) and text.get_text()]


def said(figure: Figure) -> str:
    """The headline."""
    return " ".join(figure.texts[-1].get_text().split())


def overlapping(figure: Figure, of: set[str]) -> list[tuple[str, str]]:
    figure.draw_without_rendering()
    boxes = [
        (text.get_text(), text.get_window_extent())
        for text in figure.findobj(Text)
        if isinstance(text, Text) and of & set(text.get_text().split("\n"))
    ]
    return [(a, b) for k, (a, one) in enumerate(boxes) for b, other in boxes[k + 1 :] if one.padded(-2).overlaps(other)]


def test_encoding_counts_networks_above_the_threshold() -> None:
    best = pd.DataFrame(
        {"network": [0, 1, 2, 3], "layer": "person code", "distinction": "sex", "weights": [0.1, 0.6, 0.5, 0.9]}
    )
    chance = pd.DataFrame({"layer": ["person code"], "distinction": ["sex"], "one_in_twenty": [0.3]})
    figure = draw_encoding(best, chance, best.iloc[:1], 0.5)
    assert "75% of networks" in texts(figure)
    points, median, diamond, *_ = figure.axes[0].get_lines()
    assert sorted(np.asarray(points.get_xdata())) == pytest.approx([10, 50, 60, 90])
    assert np.asarray(median.get_xdata()) == pytest.approx([55, 55])
    assert np.asarray(diamond.get_xdata()) == pytest.approx([10])


def test_people_stand_where_their_codes_are() -> None:
    codes = np.zeros((24, 6))
    codes[:, 0] = np.repeat([1.0, 0.0], 12)
    codes[:, 1] = 0.1 * np.tile(np.arange(12), 2)
    figure = draw_people(codes, VIEW)
    written = [name for text in texts(figure) for name in text.split("\n")]
    assert all(written.count(name) == 1 for name in PEOPLE)
    assert not overlapping(figure, set(PEOPLE))
    equivalents = [line for line in figure.axes[0].get_lines() if len(np.asarray(line.get_xdata())) == 2]
    assert len(equivalents) == 12
    lengths = [abs(float(np.diff(np.asarray(line.get_xdata()))[0])) for line in equivalents]
    assert lengths == pytest.approx([1] * 12)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32))
def test_names_of_people_seldom_overlap(seed: int) -> None:
    codes = 1 / (1 + np.exp(-np.random.default_rng(seed).normal(size=(24, 6))))
    figure = draw_people(codes, VIEW)
    written = [name for text in texts(figure) for name in text.split("\n")]
    assert all(written.count(name) == 1 for name in PEOPLE)
    assert len(overlapping(figure, set(PEOPLE))) <= 3


def test_similarity_shows_one_nation_against_the_other() -> None:
    values = np.arange(24 * 24).reshape(24, 24) / 24**2
    figure = draw_similarity({"one": (values, values), "two": (values, 1 - values)}, VIEW)
    axes, bar = figure.axes
    np.testing.assert_array_equal(axes.images[0].get_array(), 1 - values[:12, 12:])
    assert [label.get_text() for label in axes.get_xticklabels()] == PEOPLE[12:]
    assert [label.get_text() for label in axes.get_yticklabels()] == PEOPLE[:12]
    assert "likeness" in bar.get_ylabel()
    assert "Equivalents do not have more similar codes" in said(figure)
    alike = np.where(np.eye(24, k=12) + np.eye(24, k=-12) > 0, 0.9, 0.1)
    figure = draw_similarity({"one": (alike, alike)}, VIEW)
    assert "Equivalents have more similar codes than other pairs: 0.90 against 0.10" in said(figure)


def test_nearness_counts_networks() -> None:
    figure = draw_nearness({"all units": np.array([0.51, 0.8, 0.81, 0.82])}, 0.75)
    (stairs,) = [patch for patch in figure.axes[0].patches if type(patch).__name__ == "StepPatch"]
    values, edges, _ = stairs.get_data()  # type: ignore[attr-defined]
    assert values.sum() == pytest.approx(100)
    assert values[edges[:-1] >= 0.75].sum() == pytest.approx(75)
    assert {"by chance", "near: more than this", "all units"} <= set(texts(figure))
    assert "In 75% of networks" in said(figure)


def test_code_by_sweep_has_every_unit_at_every_sweep() -> None:
    rng = np.random.default_rng(0)
    weights = {0: rng.normal(size=(24, 6)), 1500: rng.normal(size=(24, 6))}
    figure = draw_code_by_sweep(weights, list(enumerate("abcdef")), {(0, 3): 0.25, (1500, 3): 0.5})
    assert len(figure.axes[0].collections) == 12
    assert {"sweep 0", "sweep 1500", "25%", "50%", *"abcdef"} <= set(texts(figure))
    assert "encode d" in said(figure)
    named = draw_code_by_sweep(weights, list(enumerate("abcdef")), {}, VIEW.rows)
    assert [*texts(named)].count("Colin") == [*texts(named)].count("Sophia") == 2


def test_emergence_draws_medians() -> None:
    table = pd.DataFrame({"sweep": [0, 1500], "median": [0.1, 0.8], "low": [0.0, 0.7], "high": [0.2, 0.9]})
    table = table.assign(layer="person code", distinction="sex")
    (axes,) = draw_emergence(table).axes
    np.testing.assert_allclose(np.asarray(axes.get_lines()[0].get_ydata()), [10, 80])


def test_usefulness_draws_every_weight_and_every_network() -> None:
    figure = draw_usefulness(np.array([1.0, 2]), np.array([-0.1, 3]), {"with decay": np.array([0.8, 0.9, 0.91])})
    one, many = figure.axes
    assert len(np.asarray(one.get_lines()[0].get_xdata())) == 2
    assert "with decay (3 networks)" in set(texts(figure))
    assert many.get_ylim()[1] > 60


def test_solved_has_a_line_a_hidden_layer_and_a_panel_an_epsilon() -> None:
    rows = [
        {"epsilon": epsilon, "hidden": hidden, "sweep": sweep, "networks": 4, "solved": hidden * sweep // 1000}
        for epsilon in (0.1, 0.02)
        for hidden in (0, 2)
        for sweep in (0, 2000)
    ]
    figure = draw_solved(pd.DataFrame(rows))
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["epsilon 0.1, as printed", "epsilon 0.02"]
    none, two, *_ = figure.axes[0].get_lines()
    assert np.asarray(none.get_ydata()).tolist() == [0, 0]
    assert np.asarray(two.get_ydata()).tolist() == [0, 100]


def test_memory_says_where_too_few_learn() -> None:
    table = pd.DataFrame(
        {
            "steps": [3, 4],
            "share_learned": [1.0, 0.2],
            "share_learned_low": [0.9, 0.1],
            "share_learned_high": [1.0, 0.3],
            "median_sweeps_to_learn": [40.0, np.nan],
        }
    )
    assert "fewer than\nhalf learn it" in texts(draw_memory(table))


def test_figure_5_joins_every_unit_to_the_next_step() -> None:
    """Each arrow between two steps starts at a unit of one and ends at a unit of the next."""
    figure = draw_iterative(2)
    nodes = {
        text.get_position() for text in figure.findobj(Text) if isinstance(text, Text) and text.get_text() in "ABC"
    }
    arrows = [patch for patch in figure.axes[0].patches if type(patch).__name__ == "FancyArrowPatch"]
    straight = arrows[4:]
    assert len(straight) == 2 * 4
    for arrow in straight:
        start, end = arrow._posA_posB  # type: ignore[attr-defined]
        assert tuple(map(float, start)) in nodes
        assert tuple(map(float, end)) in nodes
        assert end[1] > start[1]
