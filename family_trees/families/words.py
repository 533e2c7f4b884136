"""The words for what facts are about: people, or entities of any kind."""

from __future__ import annotations

from typing import NamedTuple


class Words(NamedTuple):
    """The words that texts use for the people of families, or for other entities."""

    one: str
    """What a question is about, in the singular."""
    a_one: str
    """The same with its article."""
    nobody: str
    """None of them."""
    somebody: str
    """One of them, not named."""
    has: str
    """What stands before the name of a relation: "Colin has-aunt", but "Peru capital"."""
    source: str
    """What holds the facts, in the plural."""
    columns: tuple[str, str, str]
    """The names of the columns of a table of facts."""


OF_FAMILIES = Words("person", "a person", "nobody", "somebody", "has-", "trees", ("person1", "relation", "person2"))
"""The words for people, as in the trees of 1986."""


OF_ENTITIES = Words("entity", "an entity", "nothing", "something", "", "facts", ("head", "relation", "tail"))
"""The words for entities of any kind: they say nothing about what these are."""
