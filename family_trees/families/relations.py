"""The twelve relations, and the facts that follow from marriages and births."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from family_trees.families.people import Families, Sex, Triple

MAX_FACTS = 5_000_000
"""Facts that can be derived within a gigabyte or so of memory."""


RELATIVES: tuple[tuple[str, str, Callable[[Families, str], list[str]]], ...] = (
    ("husband", "wife", Families.spouses),
    ("son", "daughter", Families.children),
    ("father", "mother", Families.parents),
    ("brother", "sister", Families.siblings),
    ("nephew", "niece", Families.nephews_and_nieces),
    ("uncle", "aunt", Families.uncles_and_aunts),
)
"""What a male and what a female relative is called, and who they are."""


RELATIONS: tuple[str, ...] = tuple(word for male, female, _ in RELATIVES for word in (male, female))
"""The twelve relations in the usual order of the relation units."""


SEX_OF_RELATIVE: Mapping[str, Sex] = {
    **dict.fromkeys((male for male, _, _ in RELATIVES), "male"),
    **dict.fromkeys((female for _, female, _ in RELATIVES), "female"),
}
"""By relation, the sex of whom it names."""


class DerivedFacts(NamedTuple):
    """The facts that hold in families."""

    triples: tuple[Triple, ...]
    """By person 1, then relation, then person 2, in the order of the people."""
    of_unknown_sex: int
    """Facts that are left out, as the sex of person 2, which chooses the word, is not known."""


def derive_facts(families: Families) -> DerivedFacts:
    """All facts that hold in `families`: the twelve relations, defined here and nowhere else.

    Father and mother are recorded parents, son and daughter the reverse; husband and wife are partners; brother and
    sister share at least one recorded parent; uncle and aunt are a brother or sister of a parent, or the spouse of one;
    nephew and niece the reverse of that. Nobody is their own relative.
    """
    sexes = {person.name: person.sex for person in families.people}
    order = {person.name: k for k, person in enumerate(families.people)}
    triples: list[Triple] = []
    unknown = 0
    for person in families.people:
        for male, female, relatives in RELATIVES:
            found = sorted(
                (each for each in relatives(families, person.name) if each != person.name), key=order.__getitem__
            )
            for word, sex in ((male, "male"), (female, "female")):
                triples += [Triple(person.name, word, relative) for relative in found if sexes[relative] == sex]
            unknown += sum(sexes[relative] is None for relative in found)
    return DerivedFacts(tuple(triples), unknown)


def facts_upper_bound(families: Families) -> int:
    """An upper bound of the facts in `families`, and of the steps of finding them; itself found at once."""
    names = [person.name for person in families.people]
    siblings = {name: sum(len(families.children(parent)) for parent in families.parents(name)) for name in names}
    with_partners = {name: sum(1 + len(families.spouses(child)) for child in families.children(name)) for name in names}
    uncles = {name: sum(with_partners[parent] for parent in families.parents(name)) for name in names}  # of children
    total = 0
    for name in names:
        near = len(families.spouses(name)) + len(families.children(name)) + len(families.parents(name))
        of_partners = sum(siblings[partner] for partner in families.spouses(name))
        of_parents = sum(uncles[parent] for parent in families.parents(name))
        total += near + siblings[name] + of_partners + 2 * of_parents  # each of these has a nephew or niece in turn
    return total


def derive_triples(families: Families) -> tuple[Triple, ...]:
    """The facts of `derive_facts`."""
    return derive_facts(families).triples
