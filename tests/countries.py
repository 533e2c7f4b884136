"""Sixty-four facts about countries: relations of several kinds, with one answer or with many, in both directions."""

from __future__ import annotations

COUNTRIES = {
    "Argentina": ("Buenos Aires", "South America", "Spanish"),
    "Bolivia": ("Sucre", "South America", "Spanish"),
    "Brazil": ("Brasilia", "South America", "Portuguese"),
    "Chile": ("Santiago", "South America", "Spanish"),
    "Peru": ("Lima", "South America", "Spanish"),
    "France": ("Paris", "Europe", "French"),
    "Portugal": ("Lisbon", "Europe", "Portuguese"),
    "Spain": ("Madrid", "Europe", "Spanish"),
}
"""Capital, continent and language of each country."""

BORDERS = (
    *(("Argentina", "Bolivia"), ("Argentina", "Brazil"), ("Argentina", "Chile"), ("Bolivia", "Brazil")),
    *(("Bolivia", "Chile"), ("Bolivia", "Peru"), ("Brazil", "Peru"), ("Chile", "Peru")),
    *(("France", "Spain"), ("Portugal", "Spain"), ("France", "Brazil"), ("Argentina", "Peru")),
)
"""Countries with a common border, more or less."""

FACTS = (
    *((country, "capital", capital) for country, (capital, _, _) in COUNTRIES.items()),
    *((capital, "capital of", country) for country, (capital, _, _) in COUNTRIES.items()),
    *((country, "located in", continent) for country, (_, continent, _) in COUNTRIES.items()),
    *((country, "official language", language) for country, (_, _, language) in COUNTRIES.items()),
    *((capital, "located in", country) for country, (capital, _, _) in COUNTRIES.items()),
    *((one, "neighbour", other) for one, other in BORDERS),
    *((other, "neighbour", one) for one, other in BORDERS),
)
"""The facts, as rows of three texts."""
