"""Slides: SVG files, 16 by 9, with a title that says its point; text stays text; the same files each time."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from click.testing import CliRunner

from family_trees.analysis.explain.line import fit_line, mean_squared_errors, points_near_a_line
from family_trees.analysis.explain.sizes import gradient_sizes
from family_trees.cli import cli
from family_trees.engine.learning import gradient
from family_trees.engine.network import BIAS
from family_trees.families.task import Case
from family_trees.models.saved import load
from family_trees.models.symmetry import train_small_networks, xor_task
from family_trees.views.figures.lecture import draw_units, draw_xor
from family_trees.views.slides.deck import deck
from family_trees.views.slides.slide import LINE_LETTERS, TITLE_LETTERS, slide_svg

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def slides(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("slides") / "deck"
    result = CliRunner().invoke(cli, ["slides", "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert result.output == f"written: {out / 'index.html'}, 16 slides\n"
    return out


def test_every_slide_is_16_by_9_and_its_text_is_text(slides: Path) -> None:
    files = sorted(slides.glob("*.svg"))
    assert len(files) == 16
    for file in files:
        root = ElementTree.fromstring(file.read_text(encoding="utf-8"))  # noqa: S314 - written here
        assert [float(each) for each in str(root.get("viewBox")).split()] == [0, 0, 1280, 720]
        title = root.findtext(f"{SVG}title", "")
        lines = [each.text or "" for each in root.findall(f"{SVG}text")]
        assert " ".join(lines).startswith(title)
        assert len(title) > 20
        assert len(title) <= 2 * TITLE_LETTERS
        assert len(" ".join(lines)) - len(title) <= 2 * LINE_LETTERS
        inner = root.find(f"{SVG}svg")
        assert inner is not None
        assert len([*inner.iter(f"{SVG}text")]) > 4  # matplotlib wrote letters, not their outlines
        assert not [each for each in root.iter() if each.tag == f"{SVG}metadata"]
        x, y, width, height = (float(str(inner.get(key))) for key in ("x", "y", "width", "height"))
        assert x >= 40
        assert y >= 110
        assert x + width <= 1240
        assert y + height <= 660


def test_the_index_shows_every_slide(slides: Path) -> None:
    text = (slides / "index.html").read_text(encoding="utf-8")
    assert sorted(re.findall(r'<a href="([^"]+)"', text)) == sorted(each.name for each in slides.glob("*.svg"))
    assert not re.search(r'(?:src|href)="https?:', text)


def test_the_same_slides_each_time(slides: Path) -> None:
    first = next(slide for group in deck() for slide in group.slides if slide.name == "fig4-people")
    assert (slides / "fig4-people.svg").read_text(encoding="utf-8") == slide_svg(first)


def test_titles_say_what_was_measured(slides: Path) -> None:
    def words(name: str) -> str:
        return " ".join(re.findall(r">([^<]+)</text>", (slides / f"{name}.svg").read_text(encoding="utf-8")))

    model = load()
    right = sum(model.right[case] for case in model.training_cases)
    assert f"{right} of 100 training cases are right after 1,500 sweeps." in words("learning-curves")
    assert "yet one hidden unit encodes it" in words("fig4-people")
    learned = train_small_networks(xor_task(), networks=20, sweeps=3000, seed=1).solved.sum()
    assert f"{learned} of 20 networks with two hidden units learned it" in words("xor")
    assert "is 1 weight change in full batch, 1,000 with single cases" in words("line")


def test_a_line_is_fitted_by_gradient_descent() -> None:
    x, y = points_near_a_line()
    full, single = (fit_line(x, y, sweeps=300, batch=batch) for batch in (len(x), 1))
    assert (full.changes_per_sweep, single.changes_per_sweep) == (1, 1000)
    error = -y  # of a = b = 0
    assert full.a[1] == pytest.approx(-0.1 * (2 * error * x).mean())
    assert full.b[1] == pytest.approx(-0.1 * (2 * error).mean())
    best = ((y - sum(c * x**k for k, c in enumerate((full.b[-1], full.a[-1])))) ** 2).mean()
    assert mean_squared_errors(full, x, y)[-1] == pytest.approx(best)
    assert (full.a[-1], full.b[-1]) == (pytest.approx(2, abs=0.02), pytest.approx(1, abs=0.02))


def test_sizes_of_gradients() -> None:
    model = load()
    case = Case("Colin", "aunt")
    whole, one = gradient_sizes(model), gradient_sizes(model, case=case)
    assert [each.connection for each in whole] == [each.connection for each in one]
    assert whole[0].zero == 0
    assert one[0].zero == pytest.approx(23 / 24)  # of one person alone the unit is on
    state = model.state(0, changes=False)
    found = gradient(model.network, state.weights, model.cases, model.recipe.error_signal, model.recipe.margin)
    expected = [(each**2).mean() ** 0.5 for name, each in found.items() if name.below != BIAS]
    assert [each.root_mean_square for each in whole] == pytest.approx(expected)


def test_every_kind_of_unit_is_drawn() -> None:
    panels = draw_units().axes
    titles = [axes.get_title("left") for axes in panels if axes.get_title("left")]
    assert [title.split(":")[0] for title in titles] == [
        "logistic",
        "tanh",
        "relu",
        "leaky-relu",
        "elu",
        "maxout",
        "threshold",
    ]
    threshold = panels[titles.index("threshold: no slope to learn by")]
    slopes = np.asarray(threshold.lines[1].get_ydata(), dtype=float)
    assert not slopes[np.isfinite(slopes)].any()


def test_xor_without_a_network_that_learned_it_is_not_drawn() -> None:
    with pytest.raises(ValueError, match="no network learned XOR"):
        draw_xor(train_small_networks(xor_task(), networks=1, sweeps=1, seed=1))
