"""What a network finds missing from a file or unlikely in it, against sums over all questions."""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from find_planted import Planted, plant_facts, plant_records
from made_up_families import made_up_families

import family_trees.engine.cases
from family_trees.analysis.candidates import Questions, fact_places
from family_trees.analysis.judges import Judges, train_judges
from family_trees.analysis.likelihood import candidate_facts, likelihood_both_ways, likelihood_one_way
from family_trees.analysis.suspicious import (
    RightCount,
    held_out_by_relation,
    lowest_distinct,
    missing_facts,
    unlikely_facts,
)
from family_trees.cli import cli
from family_trees.engine.embedding import PERSON, RELATION, Embedding
from family_trees.engine.onehot import OneHot
from family_trees.families.of_1986 import load_families
from family_trees.families.people import Triple
from family_trees.families.relations import SEX_OF_RELATIVE, derive_triples
from family_trees.families.task import Case, Task
from family_trees.models.model import Model
from family_trees.models.saved import load
from family_trees.models.successors import learner_for, successor_recipe
from family_trees.models.training import train
from family_trees.support.errors import FamilyTreesError


@pytest.fixture(scope="module")
def model() -> Model:
    return load()


def activity(model: Model, fact: Triple) -> float:
    ranking = model.ask(fact.person1, fact.relation).ranking
    return next(each.activity for each in ranking if each.person == fact.person2)


def likelihood(model: Model, fact: Triple) -> float:
    """By hand: both directions, backwards by the words for the sex of person 1."""
    sex = next(person.sex for person in load_families().people if person.name == fact.person1)
    words = [model.task.relations[k] for k in model.task.inverses[model.task.relation_index[fact.relation]]]
    fitting = [word for word in words if SEX_OF_RELATIVE[word] == sex]
    backwards = [activity(model, Triple(fact.person2, word, fact.person1)) for word in fitting] or [
        activity(model, fact)
    ]
    return math.sqrt(activity(model, fact) * max(backwards))


def test_inverses_are_found_in_the_facts(model: Model) -> None:
    found = {
        name: {model.task.relations[k] for k in own}
        for name, own in zip(model.task.relations, model.task.inverses, strict=True)
    }
    assert found["father"] == {"son", "daughter"}
    assert found["wife"] == {"husband"}
    assert found["aunt"] == found["uncle"] == {"nephew", "niece"}
    assert found["sister"] == {"brother"}  # in the trees of 1986 nobody has two sisters
    other = Task(("a", "b", "c"), ("likes", "owns"), (Triple("a", "likes", "b"), Triple("a", "owns", "c")))
    assert other.inverses == ((), ())


def backwards(task: Task, fact: Triple) -> set[Case]:
    """The cases that ask for a fact backwards."""
    words = task.inverses[task.relation_index[fact.relation]]
    return {Case(fact.person2, task.relations[k]) for k in words}


@pytest.mark.parametrize("part", [24, 24 * 100, 2**18])
def test_both_lists_against_all_that_could_be_asked(model: Model, part: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(family_trees.engine.cases, "MAX_PART_VALUES", part)
    task, facts = model.task, {*model.task.triples}
    sexes = {person.name: person.sex for person in load_families().people}
    male = {"father", "husband", "son", "uncle", "brother", "nephew"}
    several = {case.relation for case, answers in task.answers.items() if len(answers) > 1}
    single = {*task.relations} - several
    assert {"father", "wife", "niece"} <= single

    parents = {child: {*others} for child, *others in load_families().births}

    def descends(one: str, other: str) -> bool:
        return any(parent == other or descends(parent, other) for parent in parents.get(one, ()))

    def against_nature(one: str, relation: str, other: str) -> bool:
        if relation in ("brother", "sister"):
            return one in parents and other in parents and not parents[one] & parents[other]
        return (relation in ("father", "mother") and descends(other, one)) or (
            relation in ("son", "daughter") and descends(one, other)
        )

    def excluded(one: str, relation: str, other: str) -> bool:
        if against_nature(one, relation, other):
            return True
        if one == other or (sexes[other] == "male") != (relation in male):
            return True
        if relation in ("husband", "wife") and sexes[one] == sexes[other]:  # nobody has such a spouse
            return True
        if relation in single and (one, relation) in task.answers:
            return True
        if any(fact[::2] == (one, other) for fact in facts):
            return True
        words = {task.relations[k] for k in task.inverses[task.relation_index[relation]]}
        fitting = [word for word in words if (word in male) == (sexes[one] == "male")]
        if any((other, word, one) in facts for word in fitting):
            return False
        return bool(fitting) and all(word in single and (other, word) in task.answers for word in fitting)

    found = candidate_facts(model.architecture, model.weights, task)
    named = {Triple(task.people[one], task.relations[r], task.people[other]) for one, r, other in found}
    everything = product(task.people, task.relations, task.people)
    assert named == {Triple(*each) for each in everything if not excluded(*each)}
    surest = missing_facts(model, 5)
    assert [each.likelihood for each in surest] == pytest.approx([likelihood(model, each.fact) for each in surest])
    assert surest[0].likelihood == pytest.approx(max(likelihood(model, fact) for fact in named))
    least = unlikely_facts(model, 5)
    trained = [
        fact for fact in facts if fact[:2] not in model.held_out and not backwards(task, fact) & {*model.held_out}
    ]
    assert least[0].likelihood == pytest.approx(min(likelihood(model, fact) for fact in trained))
    assert {each.fact for each in unlikely_facts(model, 200)} <= {*trained}
    assert all(each.held_out == (each.fact[:2] in model.held_out) for each in surest)


def test_a_fact_and_its_inverse_are_listed_once(model: Model) -> None:
    task = model.task
    facts, ranks = fact_places(task), np.arange(float(len(task.triples)))
    listed = [task.triples[place] for place in lowest_distinct(task, facts, ranks, len(facts))]
    backwards = dict(zip(task.relations, task.inverses, strict=True))
    for fact in listed:
        told = {Triple(fact.person2, task.relations[k], fact.person1) for k in backwards[fact.relation]}
        assert not told & {*listed}
    assert len(listed) == len(facts) / 2  # every fact of 1986 has its inverse
    assert lowest_distinct(task, facts, ranks, 3) == lowest_distinct(task, facts, ranks, 9)[:3]


def test_what_is_told_backwards_alone_may_be_missing(model: Model) -> None:
    """Arthur's father is known, and he is the one who lacks a son: that is no second father."""
    gone = Triple("Christopher", "son", "Arthur")
    assert Triple("Arthur", "father", "Christopher") in model.task.triples
    task = replace(model.task, triples=tuple(fact for fact in model.task.triples if fact != gone))
    found = candidate_facts(model.architecture, model.weights, task)
    assert gone in {Triple(task.people[one], task.relations[r], task.people[other]) for one, r, other in found}


def test_only_the_most_active_candidates_are_kept(model: Model) -> None:
    of = (model.architecture, model.weights, model.task)
    everything, few = candidate_facts(*of), candidate_facts(*of, most=7)
    assert np.array_equal(few, everything[:7])
    y = likelihood_one_way(*of, everything)
    assert np.all(np.diff(y) <= 1e-12)


def test_several_networks_answer_with_their_mean(model: Model) -> None:
    other = {connection: -w for connection, w in model.weights.items()}
    both = {connection: np.concat([w, other[connection]]) for connection, w in model.weights.items()}
    facts = fact_places(model.task)[:9]
    of = [
        likelihood_one_way(model.architecture, weights, model.task, facts) for weights in (model.weights, other, both)
    ]
    assert of[2] == pytest.approx((of[0] + of[1]) / 2)


def test_whom_nothing_names_is_not_suspected(model: Model) -> None:
    """As people of unknown sex: they answer nothing, and backwards every fact of theirs is unlikely."""
    left = tuple(fact for fact in model.task.triples if fact.person2 != "Colin")
    changed = replace(model, task=replace(model.task, triples=left), held_out=())
    assert "Colin" not in {each.fact.person1 for each in unlikely_facts(changed, len(left))}


def test_facts_that_have_come_or_gone_are_in_neither_list(model: Model) -> None:
    """The network was trained on those that are gone, and never on those that have come."""
    gone = {Triple("Colin", "aunt", "Margaret"), Triple("Margaret", "nephew", "Colin")}
    come = {each.fact for each in missing_facts(model, 5)}
    file = replace(model.task, triples=(*({*model.task.triples} - gone), *come))
    missing = {each.fact for each in missing_facts(model, 300, file)}
    assert not missing & (gone | come)
    assert missing
    unlikely = {each.fact for each in unlikely_facts(model, 300, file)}
    assert unlikely == {each.fact for each in unlikely_facts(model, 300)} - gone


@pytest.fixture(scope="module")
def judged() -> tuple[Planted, Model, Judges]:
    """The trees of 1986 with two wrong facts and two removed ones, matrices that learned them, and ten judges."""
    planted = plant_facts(load_families(), 2, np.random.default_rng(5))
    task, recipe = planted.task, replace(successor_recipe("matrices", 100), sweeps=300)
    trained = train(task, recipe, seed=4, held_out=4, architecture=learner_for(task, "matrices"))
    judges = train_judges(trained.model())
    assert judges is not None
    return planted, trained.model(), judges


def test_judges_find_what_was_planted(judged: tuple[Planted, Model, Judges]) -> None:
    planted, model, judges = judged
    assert {each.fact for each in unlikely_facts(model, 4, judges=judges)} >= planted.wrong
    missing = missing_facts(model, 4, judges=judges)
    assert {each.fact for each in missing} >= planted.removed
    assert not {fact[:2] for fact in planted.wrong} & {each.fact[:2] for each in missing}


def test_a_judge_was_told_its_facts_in_neither_direction(judged: tuple[Planted, Model, Judges]) -> None:
    _, model, judges = judged
    of_pair: dict[frozenset[str], set[int]] = {}
    for fact, judge in zip(model.task.triples, judges.of_fact, strict=True):
        of_pair.setdefault(frozenset((fact.person1, fact.person2)), set()).add(int(judge))
    assert all(len(several) == 1 for several in of_pair.values())
    assert {*judges.of_fact} == {*range(10)}
    untold = [fact for fact, judge in zip(model.task.triples, judges.of_fact, strict=True) if judge == 2]
    again = train(
        *(model.task, model.recipe),
        seed=model.seed,
        first=model.number + 3,
        held_out=[case for case in model.task.cases if case in {fact[:2] for fact in untold}],
        architecture=model.architecture,
    )
    assert all(np.array_equal(w[0], judges.weights[connection][2]) for connection, w in again.weights.items())
    facts = fact_places(model.task, untold)
    own = likelihood_both_ways(model.architecture, again.weights, model.task, facts)
    assert np.array_equal(judges.likelihoods()[judges.of_fact == 2], own)


def test_too_few_facts_have_no_judges(judged: tuple[Planted, Model, Judges]) -> None:
    _, model, _ = judged
    few = replace(model, task=replace(model.task, triples=model.task.triples[:3]), held_out=())
    assert train_judges(few) is None
    with pytest.raises(FamilyTreesError, match="give 2 or more"):
        train_judges(model, 1)


def test_likelihoods_of_matrices_are_shares_against_the_likeliest_rival() -> None:
    """The likeliest rival is compared with the next one, everybody else with the likeliest rival."""
    learner = Embedding(4, 1, 1, 1)
    weights = {PERSON: np.zeros((1, 4, 1)), RELATION: np.ones((1, 1, 1))}
    weights[PERSON][0, :, 0] = [1.0, 1.0, 2.0, 5.0]  # asked about person 0, whose product is 1
    inputs = {"person": OneHot.of([(0,)], 4), "relation": OneHot.of([(0,)], 1)}
    (found,) = learner.likelihoods(weights, inputs, np.array([[False, False, True, True]]))[0]
    e = math.exp
    assert found == pytest.approx(
        [e(0) / (e(0) + e(-1)), e(0) / (e(0) + e(-1)), 1 / (1 + e(-15)), e(-16) / (e(-16) + e(-1))]
    )
    alone = learner.likelihoods(weights, inputs, np.zeros((1, 4), dtype=bool))
    assert np.all(alone > 0.99)


def test_what_is_plain_is_excluded() -> None:
    """A second father, a descendant as a father, a brother of other parents; one of unknown parents may be."""
    told = [
        *[("Ann", "father", "Bob"), ("Ann", "mother", "Eve"), ("Bob", "father", "Carl"), ("Bob", "mother", "Dora")],
        *[
            ("Finn", "father", "Bob"),
            ("Finn", "mother", "Eve"),
            ("Greta", "brother", "Hugo"),
            ("Ida", "husband", "Jon"),
        ],
    ]
    facts = tuple(Triple(*each) for each in told)
    people = dict.fromkeys(name for fact in facts for name in fact[::2])
    task = Task(tuple(people), tuple(dict.fromkeys(fact.relation for fact in facts)), facts)
    questions = Questions(task, born={"Jon": 1900, "Hugo": 1900, "Carl": 1850})

    def possible(one: str, relation: str) -> set[str]:
        number = task.person_index[one] * len(task.relations) + task.relation_index[relation]
        return {task.people[k] for k in np.flatnonzero(questions.candidates(np.array([number]))[0])}

    assert not possible("Ann", "father")
    assert {"Carl", "Bob"} <= possible("Jon", "father")
    assert "Hugo" not in possible("Jon", "father")  # born in the same year
    assert not {"Ann", "Finn", "Bob"} & possible("Carl", "father")
    assert not {"Ann", "Eve", "Dora"} & possible("Ida", "husband")
    assert "Bob" not in possible("Ann", "brother")
    assert "Hugo" in possible("Ann", "brother")


@pytest.mark.parametrize("ask_first", [False, True])
def test_a_husband_is_a_man_unless_the_file_knows_another(ask_first: bool) -> None:
    told = [("Ann", "husband", "Bob"), ("Bob", "wife", "Ann"), ("Cy", "sister", "Dora"), ("Cy", "brother", "Hugo")]
    told += [("Gil", "sister", "Ida")]
    facts = tuple(Triple(*each) for each in told + [("Eve", "wife", "Fay"), ("Fay", "wife", "Eve")] * ask_first)
    people = dict.fromkeys(name for fact in facts for name in fact[::2])
    task = Task(tuple(people), tuple(dict.fromkeys(fact.relation for fact in facts)), facts)
    questions = Questions(task)

    def possible(one: str, relation: str) -> bool:
        number = task.person_index[one] * len(task.relations) + task.relation_index[relation]
        return bool(questions.candidates(np.array([number])).any())

    assert possible("Hugo", "wife")
    assert not possible("Hugo", "husband")
    assert possible("Dora", "husband")
    assert possible("Dora", "wife") == ask_first
    assert possible("Gil", "wife"), "nothing tells the sex of Gil"


def test_held_out_cases_are_counted_by_relation(model: Model) -> None:
    shares = held_out_by_relation(model)
    assert sum(share.of for share in shares.values()) == len(model.held_out)
    assert sum(share.right for share in shares.values()) == sum(model.right[case] for case in model.held_out)
    assert held_out_by_relation(replace(model, held_out=())) == {}
    assert all(isinstance(share, RightCount) for share in shares.values())


def test_the_command_prints_text_csv_and_json(capsys: pytest.CaptureFixture[str]) -> None:
    def ran(*words: str) -> str:
        cli.main(["check", *words], standalone_mode=False)
        return capsys.readouterr().out

    text = ran("--top", "3")
    assert text.count("has-") == 6
    assert "held-out cases right" in text
    rows = list(csv.DictReader(io.StringIO(ran("--top", "3", "--csv"))))
    assert [row["list"] for row in rows] == ["missing"] * 3 + ["unlikely"] * 3
    found = json.loads(ran("--top", "2", "--json"))
    assert [fact["person2"] for fact in found["facts"]][:2] == [rows[0]["person2"], rows[1]["person2"]]
    assert set(found["held_out"]) <= set(load().task.relations)


@pytest.mark.parametrize("number", [0, 1])
def test_planting_makes_what_it_says(number: int) -> None:
    families = load_families() if number == 0 else made_up_families(80, seed=3)
    true = {*derive_triples(families)}
    for plant in (plant_facts, plant_records):
        planted = plant(families, 4, np.random.default_rng(0))
        held = {*planted.task.triples}
        assert planted.wrong <= held - true
        assert planted.removed <= true - held
        assert {*planted.origin} == planted.wrong | planted.removed
        assert len({planted.origin[fact] for fact in planted.wrong}) == 4
    single = plant_facts(families, 4, np.random.default_rng(0))
    assert len(single.wrong) == len(single.removed) == 4
    assert len(true - {*single.task.triples}) == 8  # those that were removed, and those that were made wrong
