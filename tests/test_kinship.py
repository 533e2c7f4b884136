"""What the facts of any task tell of its people, and which of them a figure shows."""

from __future__ import annotations

import numpy as np
import pytest
from made_up import SMITHS, task_of

from family_trees.analysis.distinctions import distinctions
from family_trees.analysis.encoding import encoding_words, named_layers, unit_table
from family_trees.engine.network import Connection
from family_trees.families.kinship import (
    families_among,
    families_of,
    nearest_people,
    people_around,
    person_with_most_facts,
)
from family_trees.families.of_1986 import family_trees_task, is_of_1986, load_families
from family_trees.families.people import Triple
from family_trees.families.task import Task
from family_trees.models.layered import family_network
from family_trees.models.randomness import initial_weights
from family_trees.views.units_text import units_text

ANIMALS = Task(
    ("cat", "mouse", "bird", "worm"),
    ("eats", "fears"),
    (Triple("cat", "eats", "mouse"), Triple("mouse", "fears", "cat"), Triple("bird", "eats", "worm")),
)


def groups(task: Task, group: str) -> dict[str, dict[str, object]]:
    return {each.name: dict(each.groups) for each in distinctions(group, task)}


def test_the_families_are_found_in_the_facts() -> None:
    found = families_of(task_of(SMITHS))
    assert found is not None
    assert [(person.name, person.sex) for person in found.people] == [(p.name, p.sex) for p in SMITHS.people]
    assert {*found.marriages} == {*SMITHS.marriages}
    assert {(child, *sorted(parents)) for child, *parents in found.births} == {
        (child, *sorted(parents)) for child, *parents in SMITHS.births
    }
    assert families_of(family_trees_task()) is load_families()
    assert is_of_1986(family_trees_task())


def test_distinctions_of_a_made_up_family() -> None:
    found = groups(task_of(SMITHS), "person")
    assert [*found] == ["family", "generation", "branch", "sex"]
    assert found["family"] == {name: int(name in {"Zeb", "Ada", "Yan"}) for name in found["generation"]}
    assert found["generation"] == {
        **dict.fromkeys(["Abe", "Bea", "Cy", "Dot", "Zeb", "Ada"], 1),
        **dict.fromkeys(["Eli", "Fay", "Gus", "Hua", "Joy", "Yan"], 2),
        **dict.fromkeys(["Ira", "Kit"], 3),
    }
    branch = found["branch"]
    assert branch["Hua"] == branch["Eli"] == branch["Gus"] == branch["Abe"] == frozenset({"Abe", "Bea"})
    assert branch["Fay"] == branch["Cy"] == frozenset({"Cy", "Dot"})
    assert "Ira" not in branch  # of both
    assert found["sex"]["Ira"] == "male"


def test_relations_that_are_not_kin_are_left_out() -> None:
    task = Task(
        ("a", "b", "c"),
        ("father", "mother", "son", "likes"),
        (Triple("a", "father", "b"), Triple("a", "mother", "c"), Triple("b", "son", "a"), Triple("a", "likes", "c")),
    )
    found = groups(task, "relation")
    assert [*found] == ["sex", "generation step"]
    assert [*found["sex"]] == ["son", "father", "mother"]


def test_where_nothing_is_known_nothing_is_said() -> None:
    assert families_of(ANIMALS) is None
    assert distinctions("person", ANIMALS) == distinctions("relation", ANIMALS) == ()
    network = family_network(4, 2)
    weights = initial_weights(network, 1.0, 0, (0,))
    table = unit_table(weights, ANIMALS, [0], network)
    assert table.empty
    assert units_text(table, 0.5).startswith("person code, relation code, penultimate: nothing is known")


def test_a_planted_unit_is_found_in_any_family() -> None:
    task = task_of(SMITHS)
    network = family_network(len(task.people), len(task.relations), (7, 6, 12, 9))
    weights = initial_weights(network, 0.5, 0, (0,))
    generation = groups(task, "person")["generation"]
    weights[Connection("person", "person code")][0, :, 6] = [float(str(generation[name])) for name in task.people]
    told = encoding_words(unit_table(weights, task, [0], network))
    assert told["person code", 7] == "generation"
    assert len(told) == 7 + 6 + 9


def test_many_groups_are_explained_as_few_are() -> None:
    """By hand, for more groups than are summed by a matrix."""
    from family_trees.analysis.variance import MATRIX_GROUP_LIMIT as MANY
    from family_trees.analysis.variance import eta_squared as explained

    rng = np.random.default_rng(0)
    of, values = rng.integers(-1, MANY + 9, 300), rng.normal(size=(2, 300, 3))
    kept = values[:, of >= 0]
    total = ((kept - kept.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)
    inside = sum(
        ((values[:, of == k] - values[:, of == k].mean(axis=1, keepdims=True)) ** 2).sum(axis=1)
        for k in range(MANY + 9)
    )
    assert explained(values, of) == pytest.approx(1 - inside / total)


def test_activities_of_layers_are_those_of_the_whole_network() -> None:
    from family_trees.engine.network import forward

    task = task_of(SMITHS)
    network = family_network(len(task.people), len(task.relations))
    weights = initial_weights(network, 1.0, 0, range(2))
    y, found = forward(network, weights, task.inputs()), named_layers(weights, task, network)
    for k, case in enumerate(task.cases):
        assert found["person code"].activities[:, task.person_index[case.person]] == pytest.approx(
            y["person code"][:, k]
        )
    answers = [k for k, case in enumerate(task.cases) if "Ira" in task.answers[case]]
    mean = y["penultimate"][:, answers].mean(axis=1)
    assert found["penultimate"].activities[:, task.person_index["Ira"]] == pytest.approx(mean)


def test_the_part_around_a_person() -> None:
    task = task_of(SMITHS)
    assert nearest_people(task, "Kit", 3)[0] == "Kit"
    assert {*nearest_people(task, "Kit", 3)} == {"Kit", "Gus", "Joy"}
    assert {*nearest_people(task, "Yan", 24)} == {"Yan", "Zeb", "Ada"}
    everybody = people_around(task, None, 24)
    assert (everybody.people, everybody.caption) == (task.people, "")
    some = people_around(task, None, 5)
    assert some.caption == f"5 of 14 people, around {person_with_most_facts(task.triples)}"
    assert some.around in some.people
    part = families_among(SMITHS, ("Ira", "Eli", "Fay", "Cy"))
    assert part.marriages == (("Eli", "Fay"),)
    assert part.births == (("Fay", "Cy"), ("Ira", "Eli", "Fay"))


def test_facts_of_other_relations_lead_on() -> None:
    assert {*nearest_people(ANIMALS, "cat", 4)} == {"cat", "mouse"}
    assert people_around(ANIMALS, "worm", 4).caption == "2 of 4 people, around worm"
