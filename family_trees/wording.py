"""Words for numbers."""

import math


def count(number: int, noun: str) -> str:
    """`number` and `noun`, in the plural where it is due: 1 case, 2 cases."""
    plural = "people" if noun == "person" else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"


def number(value: float, form: str) -> str:
    """`value` in the format `form`; "not known" if there is none, such as the mean of no networks."""
    return "not known" if math.isnan(value) else f"{value:{form}}"
