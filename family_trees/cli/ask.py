"""Commands that ask: query, facts, fingerprint, recipes. They must start fast: they import no pandas, no matplotlib."""

from __future__ import annotations

from pathlib import Path

import click

from family_trees.cli.options import (
    PATH,
    at_most_one_of,
    complete_people,
    complete_relations,
    csv_option,
    echo_json,
    json_option,
    model_and_facts,
    model_option,
    own_tree_option,
    task_of,
    task_of_model,
    tree_option,
)
from family_trees.support.errors import FamilyTreesError


@click.command()
@click.argument("person", shell_complete=complete_people)
@click.argument("relation", shell_complete=complete_relations)
@model_option
@tree_option
@click.option("--top", type=click.IntRange(min=1), help="Rank this many people.  [default: 5; with --json, everybody]")
@json_option
def query(
    person: str, relation: str, model_path: Path | None, tree: Path | None, top: int | None, as_json: bool
) -> None:
    """Ask a trained network: who is the RELATION of PERSON?

    The network answers with the people whose output units are more active than 0.5. Below the answer, people are
    ranked by activity, between 0 and 1. Part of a name is enough if it fits only one person. Upper and lower case do
    not matter. A network of facts of your own, about people or anything else, is asked alike.

    Vectors and matrices have no output units. They rank people by probability, which sums to 1 over all people. They
    answer with everybody who has more than a quarter of the largest probability. So two right answers have about 0.5
    each. The probability says how sure the model is. It does not say how often such answers are right: 'family-trees
    evaluate' measures that. With --json, "activity" is the square root of the probability as a share of the largest.

    \b
    Examples:
      family-trees query Colin aunt
      family-trees query colin has-aunt --top 24
      family-trees query Sophia uncle --json | jq '.answers[].person'
      family-trees query anna aunt --model mine.npz
      family-trees query Peru capital --model countries.npz
    """
    from family_trees.views.answers import RANKED_PEOPLE, answer_json, answer_text

    model, facts_now = model_and_facts(model_path, tree)
    try:
        answer = model.ask(person, relation)
    except FamilyTreesError as problem:
        if model_path is not None:
            raise
        raise FamilyTreesError(f"{problem} (this is the network of 1986; --model asks one of your own)") from problem
    if facts_now is not None:
        from family_trees.models.against_file import judged_by

        answer = judged_by(answer, facts_now)
    if as_json:
        echo_json(answer_json(answer, model, model_path, top))
    else:
        click.echo(answer_text(answer, model.task.answers.get(answer.case, ()), top or RANKED_PEOPLE))


@click.command()
@click.option(
    "--person",
    "--entity",
    "-p",
    "person",
    shell_complete=complete_people,
    help="Only the facts of this person or entity.",
)
@click.option("--relation", "-r", shell_complete=complete_relations, help="Only the facts of this relation.")
@own_tree_option
@click.option("--model", "-m", "model_path", type=PATH, metavar="FILE", help="The facts of this model file.")
@csv_option
@json_option
@click.option("--gedcom", "as_gedcom", is_flag=True, help="Print the trees of 1986 as GEDCOM, as an example file.")
def facts(
    person: str | None,
    relation: str | None,
    tree: Path | None,
    model_path: Path | None,
    as_csv: bool,
    as_json: bool,
    as_gedcom: bool,
) -> None:
    """Print the facts of the trees of 1986, or of a file of your own.

    A fact is a triple of person, relation and person: Colin has-aunt Jennifer. A case is a question with all its right
    answers. The trees of 1986 have 112 facts in 104 cases. For a file of your own, the number of facts of each relation
    is printed. With --person, --relation, --csv or --json, the facts themselves are printed. Standard error lists what
    was left out of the file, and why. With --model, the facts are those that a network was trained on.

    Three kinds of file are read. GEDCOM is what genealogy programs write; it needs an extra: pip install
    'family-trees[gedcom]'. Our CSV has the columns kind,person,sex,other,parent2,born,died and a line for each person,
    marriage and child. Triples are facts of any relations about anything, a line each: Peru,capital,Lima. Tabs,
    semicolons or commas separate them. A first line such as head,relation,tail or subject,predicate,object is no fact.

    \b
    Examples:
      family-trees facts --person Colin
      family-trees facts --relation aunt --csv > aunts.csv
      family-trees facts --tree mine.ged
      family-trees facts --tree mine.ged --csv > facts.csv
      family-trees facts --triples countries.csv --entity Peru
      family-trees facts --model mine.npz
      family-trees facts --gedcom > 1986.ged
    """
    at_most_one_of(("--csv", as_csv), ("--json", as_json), ("--gedcom", as_gedcom))
    if as_gedcom:
        if tree or model_path or person or relation:
            raise click.UsageError(
                "--gedcom prints all of the trees of 1986; give it without --tree, --model, --person and --relation"
            )
        from family_trees.families.of_1986 import load_families
        from family_trees.families.readers.gedcom import to_gedcom

        click.echo(to_gedcom(load_families()), nl=False)
        return
    from family_trees.families.selection import select_facts
    from family_trees.views.facts_text import facts_by_relation, facts_count, facts_text

    at_most_one_of(("--tree", tree is not None), ("--model", model_path is not None))
    found = select_facts(task_of(tree) if model_path is None else task_of_model(model_path), person, relation)
    if as_json:
        echo_json([dict(zip(found.words.columns, fact, strict=True)) for fact in found.triples])
    elif as_csv:
        from family_trees.support.spreadsheets import csv_text

        click.echo(csv_text(found.words.columns, found.triples), nl=False)
    elif (tree or model_path) and person is None and relation is None:
        click.echo(facts_by_relation(found))
    else:
        if found.triples:
            click.echo(facts_text(found))
        click.echo(facts_count(found), err=True)


@click.command()
@model_option
@json_option
def fingerprint(model_path: Path | None, as_json: bool) -> None:
    """Print the fingerprint of a trained network: it names the weights, to the last bit.

    The fingerprint is the SHA-256 of all weights. The same recipe, seed, network number and held-out cases give the
    same fingerprint on every machine. So two people can tell whether they look at the same network.

    \b
    Examples:
      family-trees fingerprint
      family-trees fingerprint --model mine.npz
      family-trees fingerprint --json
    """
    from family_trees.models.saved import load

    model = load(model_path)
    if as_json:
        recipe, number = model.recipe.name, model.number
        of = {"recipe": recipe, "seed": model.seed, "network": number, "arithmetic": model.arithmetic}
        echo_json({"fingerprint": model.fingerprint, **of})
        return
    click.echo(model.fingerprint)
    if model.arithmetic is None:
        click.echo(
            "an earlier version trained this network: its last bits depended on the processor, so it cannot be trained "
            "again exactly",
            err=True,
        )


@click.command()
@json_option
def recipes(as_json: bool) -> None:
    """List the recipes: what each changes, and how well it learns.

    A recipe holds every number that a training depends on. 'published' is the paper to the letter. Every other recipe
    is described by its differences from that. How well a recipe learns was measured on many networks: how many of them
    learn all their training cases, and how many cases a network has right on average.

    \b
    Examples:
      family-trees recipes
      family-trees recipes --json | jq '.[] | {recipe, differences}'
      family-trees train --recipe published --set decay=0
    """
    from family_trees.engine.recipe import DEFAULT, RECIPES
    from family_trees.views.recipes_text import recipe_text, recipes_json

    if as_json:
        echo_json(recipes_json(), ascii_only=True)
        return
    for name, recipe in RECIPES.items():
        click.echo(click.style(name, bold=True) + (" (default)" if recipe is DEFAULT else ""))
        click.echo(f"{recipe_text(recipe)}\n")
