"""Templates: text in blocks, numbers by name, conclusions with conditions."""

from __future__ import annotations

import math

import jinja2
import pytest

from family_trees.support.prose import Prose, fixed, interval, joined, percent, says, short, signed, thousands


def test_a_conclusion_stands_only_where_it_holds() -> None:
    assert says(True, "All learn.", "Some learn.") == "All learn."
    assert says(False, "All learn.", "Some learn.") == "Some learn."
    assert says(math.nan > 0.5, "Most learn.") == ""


def test_lines_are_joined_and_tables_are_not() -> None:
    assert joined(" one\n  two\n\n\n| a |\n| b |\n") == "one two\n\n| a |\n| b |"
    assert joined("\n\n") == ""


def test_a_number_that_is_not_given_is_an_error() -> None:
    texts = Prose("family_trees.views.report", "symmetry.txt", {})
    assert texts("title") == "Figure 1: learning symmetry"
    with pytest.raises(jinja2.UndefinedError, match="is undefined"):
        texts.paragraphs()
    with pytest.raises(KeyError, match="nowhere"):
        texts("nowhere")


def test_numbers_in_words() -> None:
    assert interval((0.0, 0.0, 0.0004)) == "0.00% (0.00% to 0.04%)"
    assert interval((0.0, 0.0, 0.0)) == "0.0% (0.0% to 0.0%)"
    assert (percent(0.256), percent(0.256, 1), percent(math.nan)) == ("26%", "25.6%", "not known")
    assert interval((0.46, 0.443, 0.476)) == "46.0% (44.3% to 47.6%)"
    assert signed((-0.014, -0.064, 0.036)) == "-1.4% (-6.4% to +3.6%)"
    assert (fixed(6.25, 1), short(20.0), short(6e-11, 1), thousands(10000)) == ("6.2", "20", "6e-11", "10,000")
