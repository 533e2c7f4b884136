"""Prose in templates: sentences with named numbers, and conclusions that stand only where the numbers bear them out.

A template is plain text in named blocks. Lines are joined and blank lines part paragraphs, so that text can be wrapped
freely; a block whose lines begin with "|" is a table. A number that a template names and nobody gives is an error.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from family_trees.support.wording import count

if TYPE_CHECKING:
    from jinja2 import Environment

UNKNOWN = "not known"
"""What stands for a number that there is not, such as the mean over no networks."""


def says(holds: object, sentence: str, otherwise: str = "") -> str:
    """`sentence`, which draws a conclusion, if the numbers bear it out; else what is true instead.

    Args:
        holds: the condition under which the sentence is true.
        sentence: the conclusion.
        otherwise: what stands there if the condition does not hold: an honest alternative, or nothing.
    """
    return sentence if holds else otherwise


class Prose:
    """The texts of one template, filled with named numbers."""

    def __init__(self, package: str, template: str, numbers: Mapping[str, Any]) -> None:
        """Read the template.

        Args:
            package: whose folder `templates` holds it.
            template: the name of the file.
            numbers: what its blocks may name.
        """
        self._template = environment(package).get_template(template)
        self._numbers = dict(numbers)

    def __call__(self, block: str) -> str:
        """The text of a block; paragraphs are parted by a blank line.

        Raises:
            KeyError: the template has no such block.
            jinja2.UndefinedError: the block names a number that was not given.
        """
        return joined("".join(self._template.blocks[block](self._template.new_context(self._numbers))))

    def whole(self) -> str:
        """The text of the whole template.

        Raises:
            jinja2.UndefinedError: it names a number that was not given.
        """
        return joined(self._template.render(self._numbers))

    def paragraphs(self, block: str = "text") -> tuple[str, ...]:
        """The paragraphs of a block."""
        text = self(block)
        return tuple(text.split("\n\n")) if text else ()

    def rows(self, block: str) -> tuple[tuple[str, ...], ...]:
        """The rows of a block that is a table, each with its cells; the first row is the head."""
        lines = self(block).splitlines()
        return tuple(tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines)


def joined(text: str) -> str:
    """`text` with the lines of every paragraph joined; the lines of a table stay lines."""
    paragraphs = []
    for paragraph in "\n".join(line.strip() for line in text.strip().splitlines()).split("\n\n"):
        lines = paragraph.strip().splitlines()
        if lines:
            paragraphs.append(
                ("\n" if lines[0].startswith("|") else " ").join(" ".join(each.split()) for each in lines)
            )
    return "\n\n".join(paragraphs)


@cache
def environment(package: str) -> Environment:
    """How the templates of a package are read: plain text, and every number must be there."""
    from jinja2 import Environment, PackageLoader, StrictUndefined  # here, since most commands fill no template

    found = Environment(
        loader=PackageLoader(package, "templates"),
        autoescape=False,  # noqa: S701 - plain text; the page that shows it escapes it
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters |= {
        "percent": percent,
        "interval": interval,
        "signed": signed,
        "fixed": fixed,
        "short": short,
        "thousands": thousands,
        "count": lambda number, noun: count(int(number), noun),
    }
    found.globals["says"] = says
    return found


MOST_DIGITS = 4
"""Of a percentage, after the point."""


def known(value: float | None) -> bool:
    """Whether there is such a number."""
    return value is not None and math.isfinite(value)


def percent(share: float | None, digits: int = 0) -> str:
    """A share between 0 and 1, in percent."""
    return f"{share:.{digits}%}" if share is not None and known(share) else UNKNOWN


def interval(share: Sequence[float], digits: int = 1) -> str:
    """A share and the ends of its interval, in percent: 46.0% (44.3% to 47.6%).

    Ends that differ are written with so many digits that they look different, but at most four: 0.00% (0.00% to 0.04%).
    """
    value, low, high = (percent(each, digits) for each in share)
    if low == high and share[1] != share[2] and digits < MOST_DIGITS:
        return interval(share, digits + 1)
    return f"{value} ({low} to {high})"


def signed(share: Sequence[float], digits: int = 1) -> str:
    """A difference of shares and the ends of its interval, in percent, with signs."""
    value, low, high = (f"{each:+.{digits}%}" if known(each) else UNKNOWN for each in share)
    return f"{value} ({low} to {high})"


def fixed(value: float | None, digits: int = 2) -> str:
    """A number with so many digits after the point."""
    return f"{value:.{digits}f}" if value is not None and known(value) else UNKNOWN


def short(value: float | None, digits: int = 6) -> str:
    """A number in as few signs as it needs: 0.1, 20, 6e-11."""
    return f"{value:.{digits}g}" if value is not None and known(value) else UNKNOWN


def thousands(number: float | None) -> str:
    """A whole number with commas: 10,000."""
    return f"{number:,.0f}" if number is not None and known(number) else UNKNOWN
