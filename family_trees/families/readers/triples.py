"""Plain triples, facts of any relations: from rows of a file, of a table, or of a list.

A first row that only names the columns, such as `head,relation,tail`, is no fact. It also says in which order the
columns stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from numbers import Integral

from family_trees.families.people import Triple
from family_trees.families.readers.records import Row, Tally, shortened
from family_trees.families.relations import RELATIONS
from family_trees.families.task import Task
from family_trees.support.errors import FamilyTreesError
from family_trees.support.wording import UNPRINTED, count, folded, shown

COLUMN_NAMES: Mapping[str, int] = {
    **dict.fromkeys(("head", "subject", "source", "from", "person1", "entity1", "node1", "start"), 0),
    **dict.fromkeys(("relation", "predicate", "relationship", "property", "edge", "link", "type", "label", "rel"), 1),
    **dict.fromkeys(("tail", "object", "target", "to", "person2", "entity2", "node2", "end"), 2),
}
"""Names of columns, and the place in a triple of what stands in them."""


SHORT_COLUMN_NAMES = frozenset({("h", "r", "t"), ("s", "p", "o")})
"""Single letters are names of columns only all three together: they may be names of entities."""


OUTER_COLUMN_NAMES = frozenset(
    {("head", "tail"), ("subject", "object"), ("source", "target"), ("person1", "person2"), ("entity1", "entity2")}
)
"""Names of the first and the last column that are names of columns whatever stands between them."""


RELATION_COLUMN_NAMES = frozenset({"relation", "predicate", "relationship"})
"""In the middle of the first row they make it a head, whatever stands beside them, unless they are a relation below."""


OTHER_COLUMN_NAMES = frozenset({"name", "person", "father", "mother", "sex", "gender", "born", "died", "kind", "id"})
"""Names of columns of other tables."""


MAX_SHOWN_NAME = 40
"""The most characters of a name that is quoted in a line about what was left out."""


def columns_of(cells: Sequence[str]) -> tuple[int, ...] | None:
    """If a row only names the columns of triples: the place in a triple of each cell. Otherwise None.

    Capitals, blanks and underscores do not matter, nor does the word "entity", "node" or "name" at the end.
    """
    names = tuple(_column(cell) for cell in cells)
    if names in SHORT_COLUMN_NAMES or (len(names) == 3 and (names[0], names[2]) in OUTER_COLUMN_NAMES):
        return 0, 1, 2
    places = tuple(COLUMN_NAMES.get(name, -1) for name in names)
    return places if sorted(places) == [0, 1, 2] else None


def _column(cell: str) -> str:
    name = re.sub(r"[\W_]", "", cell.casefold())
    return name if name in COLUMN_NAMES else re.sub(r"(entity|node|name|id)$", "", name)


def looks_like_a_head(cells: Sequence[str]) -> bool:
    """Whether a row seems to name the columns of some other table: all its cells are such names."""
    return all(_column(cell) in COLUMN_NAMES or cell.casefold() in OTHER_COLUMN_NAMES for cell in cells)


def read_facts(rows: Iterable[Row], where: str, left_out: Tally) -> list[Triple]:
    """The facts that rows state, each once.

    Names and relations that differ only in capitals are the same, and keep their first spelling. Nobody is their
    own aunt, or another relative. If all relations are words of kinship, "has-" before them is no part of their names.

    Args:
        where: what stands before the number of a row in messages, such as "mine.csv, line".
        left_out: what is not used is counted here.

    Raises:
        FamilyTreesError: a row is not a triple; names it.
    """
    order: tuple[int, ...] | None = None
    spellings: dict[str, str] = {}
    relations: dict[str, str] = {}
    others: dict[str, int] = {}  # other spellings, and the rows where they first stand
    facts: list[tuple[int, Triple]] = []
    for number, (line, cells) in enumerate(rows):
        if len(cells) != 3 or not all(cells):
            raise FamilyTreesError(f"{where} {line}: {_no_triple(cells)}")
        columns = columns_of(cells)
        if columns is not None and (number == 0 or columns == order):
            order = columns
            names = shortened(",".join(cells), 2 * MAX_SHOWN_NAME)
            left_out.add(f"line that names the columns, {names}, and is no fact", line)
            continue
        if number == 0 and looks_like_a_head(cells):
            raise FamilyTreesError(
                f"{where} {line}: this looks like the head of a table, {shortened(','.join(cells))!r}; that of triples "
                "is head,relation,tail or subject,predicate,object or source,relation,target, and our CSV begins with "
                "kind,person"
            )
        placed = cells if order is None else [cells[order.index(place)] for place in range(3)]
        one, other = (_spelling(name, spellings, others, line) for name in (placed[0], placed[2]))
        relation = shortened(placed[1])
        facts.append((line, Triple(one, relations.setdefault(folded(relation), relation), other)))
    if facts and _is_head_of_own_names([fact for _, fact in facts]):
        line, fact = facts.pop(0)
        names = shortened(f"{fact.person1},{fact.relation},{fact.person2}", 2 * MAX_SHOWN_NAME)
        left_out.add(f"line that names the columns, {names}, and is no fact", line)
        del relations[folded(fact.relation)]
    if others:
        name, line = next(iter(others.items()))
        told = f"{shortened(name, MAX_SHOWN_NAME)} for {shortened(spellings[folded(name)], MAX_SHOWN_NAME)}"
        left_out.add(f"spelling of a name in other capitals, such as {told}", line, len(others))
    return _each_once(facts, relations, left_out)


def _spelling(name: str, spellings: dict[str, str], others: dict[str, int], line: int) -> str:
    """The first spelling of a name. Another spelling, in other capitals, is added to `others`."""
    first = spellings.setdefault(folded(name), name)
    if first != name:
        others.setdefault(name, line)
    return first


def _is_head_of_own_names(facts: Sequence[Triple]) -> bool:
    """Whether the first row is such as `country,relation,value`: its relation is a word for one, and no other's."""
    first, *others = (_column(fact.relation) for fact in facts)
    return first in RELATION_COLUMN_NAMES and bool(others) and first not in others


def _each_once(facts: Iterable[tuple[int, Triple]], relations: Iterable[str], left_out: Tally) -> list[Triple]:
    """The facts, each once, with the usual words of kinship where all relations are such words."""
    words = {relation: re.sub(r"^(has-\s*)+", "", relation) for relation in relations}
    of_family = {*words.values()} <= {*RELATIONS}
    found: dict[Triple, None] = {}
    for line, fact in facts:
        word = words[folded(fact.relation)]
        stated = fact._replace(relation=word) if of_family else fact
        if word in RELATIONS and fact.person1 == fact.person2:
            left_out.add("person related to themselves", line)
        elif stated in found:
            left_out.add("fact said twice", line)
        else:
            found[stated] = None
    return list(found)


def _no_triple(cells: Sequence[str]) -> str:
    found = count(len(cells), "cell") if len(cells) != 3 else "an empty cell"
    return (
        f"not a triple of head, relation and tail ({found}), separated by tabs, semicolons or commas; nor is this a "
        "GEDCOM file, which begins with 0 HEAD, nor our CSV, whose first line begins with kind,person"
    )


def _checked(rows: Iterable[Sequence[object]]) -> Iterator[Row]:
    for number, row in enumerate(rows, start=1):
        cells = [row] if isinstance(row, str) else list(row) if isinstance(row, Iterable) else [row]
        texts = [str(cell) if isinstance(cell, Integral) and not isinstance(cell, bool) else cell for cell in cells]
        names = [" ".join(cell.split()) for cell in texts if isinstance(cell, str)]
        if len(names) != 3 or len(cells) != 3 or not all(names):
            raise FamilyTreesError(
                f"row {number}: {shown(cells)} is not a fact; give three texts: head, relation, tail"
            )
        for name in names:
            if found := UNPRINTED.search(name):
                raise FamilyTreesError(
                    f"row {number}: {shown(name)} holds {found[0]!r}, which cannot be printed in a line"
                )
        yield Row(number, names)


def task_of_triples(rows: Iterable[Sequence[object]], left_out: Tally | None = None) -> Task:
    """The task of the facts in `rows`, each counted once. Entities and relations stand in the order of appearance.

    Args:
        rows: three texts each; whole numbers are read as texts.
        left_out: what is not used is counted here.

    Raises:
        FamilyTreesError: a row is not three texts, or there is no row; names the row, counted from 1.
    """
    facts = read_facts(_checked(rows), "row", Tally() if left_out is None else left_out)
    if not facts:
        raise FamilyTreesError("no facts: give rows of three texts, such as ('Peru', 'capital', 'Lima')")
    entities = dict.fromkeys(name for fact in facts for name in (fact.person1, fact.person2))
    return Task(tuple(entities), tuple(dict.fromkeys(fact.relation for fact in facts)), tuple(facts))


def columns_of_table(names: Sequence[str]) -> list[int]:
    """Where head, relation and tail stand among the columns of a table, in this order.

    Raises:
        FamilyTreesError: no three columns have such names, and there are not exactly three.
    """
    if len(names) == 3:
        places = columns_of(names) or (0, 1, 2)
        return [places.index(k) for k in range(3)]
    found = [[k for k, name in enumerate(names) if COLUMN_NAMES.get(_column(name)) == place] for place in range(3)]
    if any(len(each) != 1 for each in found):
        raise FamilyTreesError(
            f"a table with {count(len(names), 'column')}, {shown(','.join(names))}; give three: head, relation, tail"
        )
    return [each[0] for each in found]
