"""The command line. It reads what the user typed, calls the rooms below, and prints; it holds no logic of its own.

pandas and matplotlib are imported by the commands that use them, so that `query` answers at once.
"""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import click
from click.shell_completion import CompletionItem

from family_trees.analysis.suspicious import LIST_LENGTH, by_relation, check_rows, check_text
from family_trees.cli.report_studies import report_studies
from family_trees.engine.arrays import Precision
from family_trees.engine.recipe import (
    DEFAULT,
    PUBLISHED,
    RECIPES,
    SMALL_BATCHES,
    change,
    describe,
    differences,
    find_recipe,
    settings_of,
)
from family_trees.families.of_1986 import family_trees_task, load_families
from family_trees.families.people import Triple
from family_trees.families.task import Case, Task
from family_trees.models.layered import family_network
from family_trees.models.memory import check_memory
from family_trees.models.model import Answer, Model, pick
from family_trees.models.saved import load, save
from family_trees.models.training import TrainingProgress, train, usual_held_out
from family_trees.studies.measured_recipes import recipe_summary
from family_trees.support.errors import FamilyTreesError
from family_trees.support.files import harmless, staged_directory, staged_file
from family_trees.support.wording import count
from family_trees.version import VERSION

NAMED = 8
"""Held-out cases, at most, that are each named after a training."""


EXIT_INTERRUPTED = 130
"""128 and the number of the signal that Ctrl-C sends."""


def main() -> None:
    """Run the command line; what a user can mend is told in one line, without a traceback."""
    signal.signal(signal.SIGTERM, _terminated)
    for stream in (sys.stdout, sys.stderr):  # names have letters that a terminal or a file of another code page lacks
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="replace")
    try:
        status = cli.main(prog_name="family-trees", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as problem:
        problem.show()
        sys.exit(problem.exit_code)
    except FamilyTreesError as problem:
        click.echo(f"Error: {problem}", err=True)
        sys.exit(1)
    except OSError as problem:  # of the system, not a bug: standard output that is full, or that nobody reads any more
        if not isinstance(problem, BrokenPipeError):
            click.echo(f"Error: {problem.filename or 'standard output'}: {problem.strerror}", err=True)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is still to be written has nowhere to go
        sys.exit(1)
    except (click.Abort, KeyboardInterrupt):
        click.echo("\nStopped by you; nothing was written.", err=True)
        sys.exit(EXIT_INTERRUPTED)
    sys.exit(status if isinstance(status, int) else 0)


def _terminated(_number: int, _frame: object) -> None:
    """End as Ctrl-C does, with what is half done cleared away."""
    sys.exit(128 + signal.SIGTERM)


class _Path(click.Path):
    """A path as the user types it; an empty one, which would mean the current directory, is a mistake."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "":
            self.fail("give a path, not an empty text", param, ctx)
        return super().convert(value, param, ctx)


PATH = _Path(path_type=Path)


def _names(known: Callable[[Task], Sequence[str]]) -> Callable[[Any, Any, str], list[CompletionItem]]:
    """Shell completion from a list of names, in any case of letters: of the model that was named, else of 1986."""

    def complete(context: Any, _parameter: Any, incomplete: str) -> list[CompletionItem]:
        model_path = context.params.get("model_path")
        try:
            task = family_trees_task() if model_path is None else load(model_path).task
        except FamilyTreesError:  # told when the command is run
            return []
        return [CompletionItem(name) for name in known(task) if name.lower().startswith(incomplete.lower())]

    return complete


_people = _names(lambda task: task.people)


_relations = _names(lambda task: [*task.relations, *(f"has-{relation}" for relation in task.relations)])


_recipes = _names(lambda _: list(RECIPES))


_settings = _names(lambda _: [f"{key}=" for key in settings_of(PUBLISHED)])


def _claim_ids(_: Task) -> list[str]:
    from family_trees.studies.paper.claims import CLAIMS

    return [claim.id for claim in CLAIMS]


_claim_names = _names(_claim_ids)


_cases = _names(lambda task: [str(case) for case in task.cases])


_model_option = click.option(
    "--model",
    "-m",
    "model_path",
    type=PATH,
    metavar="FILE",
    help="A model file that 'train' wrote; by default the model that ships with the package.",
)


_tree_option = click.option(
    "--tree", type=PATH, metavar="FILE", help="With --model: hold it against the facts of this file."
)


_layers_option = click.option(
    "--layers",
    metavar="P,R,C,Q",
    help="Units of the person code, relation code, central and penultimate layers.  [default: they grow with the "
    "square root of people and relations; 6,6,12,6 for the trees of 1986]",
)


_around_option = click.option(
    "--around",
    metavar="PERSON",
    shell_complete=_people,
    help="Show the people around this one.  [default: everybody, or, of many, those around who has the most facts]",
)


_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(VERSION, prog_name="family-trees")
def cli() -> None:
    """The family-trees network of Rumelhart, Hinton & Williams (Nature, 1986), trained as the paper says.

    \b
    Examples:
      family-trees query Colin aunt         ask the network that ships with the package
      family-trees train --out mine.npz     train a network of your own: about a second
      family-trees train --tree mine.ged    on a family of your own, with a report
      family-trees check --model mine.npz   what may be missing from its file, or wrong in it
      family-trees figures --model mine.npz look at what its hidden units learned
      family-trees analyse                  what each of its hidden units encodes
      family-trees explain Colin aunt       every equation with its numbers
      family-trees explore --open           a page to look inside the network
      family-trees symmetry                 the paper's other task, figure 1
      family-trees claims                   what became of the paper's claims
      family-trees reproduce                train and measure it all, and write a report

    \b
    Completion of people, relations and recipes, for bash (zsh and fish likewise):
      eval "$(_FAMILY_TREES_COMPLETE=bash_source family-trees)"
    """


@cli.command()
@click.argument("person", shell_complete=_people)
@click.argument("relation", shell_complete=_relations)
@_model_option
@_tree_option
@click.option("--top", type=click.IntRange(min=1), help="Rank this many people.  [default: 5; with --json, everybody]")
@_json_option
def query(
    person: str, relation: str, model_path: Path | None, tree: Path | None, top: int | None, as_json: bool
) -> None:
    """Ask a trained network: who is the RELATION of PERSON?

    The answers are the people whose output units are above 0.5; then everybody is ranked by activity.

    \b
    Examples:
      family-trees query Colin aunt
      family-trees query colin has-aunt --top 24
      family-trees query Sophia uncle --json | jq '.answers[].person'
      family-trees query anna aunt --model mine.npz
    """
    model, file = _model_and_file(model_path, tree)
    answer = model.ask(person, relation)
    if file is not None:
        answer = replace(answer, facts=file.answers.get(answer.case, ()))
    if as_json:
        click.echo(json.dumps(_answer_json(model, model_path, answer, top), indent=2, ensure_ascii=False))
    else:
        click.echo(_answer_text(answer, model.task.answers.get(answer.case, ()), top or 5))


def _answer_text(answer: Answer, learned: tuple[str, ...], top: int) -> str:
    """The answer and the ranking; `learned` is what the facts were when the network was trained."""
    named = ", ".join(each.person for each in answer.answers) or "nobody is above 0.5"
    lines = [f"{answer.case.person} has-{answer.case.relation}: {named}"]
    if {*answer.facts} != {*learned}:
        lines.append(f"  The facts have changed since the training; then they were: {', '.join(learned) or 'none'}.")
    elif not answer.facts:
        lines.append(f"  The trees hold no {answer.case.relation} of {answer.case.person}, so this was never trained.")
    elif answer.held_out:
        lines.append("  This case was held out: the network never saw it in training.")
    if answer.facts:
        verdict = "right" if answer.right else f"wrong; the trees say {', '.join(answer.facts)}"
        lines.append(f"  This is {verdict}.")
    lines.append("")
    width = max(len(each.person) for each in answer.ranking)
    for rank, (person, activity) in enumerate(answer.ranking[:top], start=1):
        bar = "#" * round(20 * activity)
        lines.append(f"  {rank:2}  {person:<{width}}  {activity:.3f}  {bar}".rstrip())
    return "\n".join(lines)


def _answer_json(model: Model, path: Path | None, answer: Answer, top: int | None) -> dict[str, Any]:
    return {
        "person": answer.case.person,
        "relation": answer.case.relation,
        "answers": [each._asdict() for each in answer.answers],
        "ranking": [each._asdict() for each in answer.ranking[:top]],
        "held_out": answer.held_out,
        "facts": list(answer.facts),
        "right": answer.right,
        "model": {
            "file": None if path is None else str(path),
            "recipe": model.recipe.name,
            "differences": differences(model.recipe),
            "seed": model.seed,
            "network": model.number,
            "sweeps": model.recipe.sweeps,
            "held_out": [str(case) for case in model.held_out],
            "version": model.version,
        },
    }


@cli.command()
@click.option("--person", "-p", shell_complete=_people, help="Only what this person has.")
@click.option("--relation", "-r", shell_complete=_relations, help="Only this relation.")
@click.option("--tree", type=PATH, metavar="FILE", help="A family of your own: GEDCOM, our CSV, or triples.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@_json_option
@click.option("--gedcom", "as_gedcom", is_flag=True, help="Print the trees of 1986 as GEDCOM: a file to try things on.")
def facts(
    person: str | None, relation: str | None, tree: Path | None, as_csv: bool, as_json: bool, as_gedcom: bool
) -> None:
    """Print what the two trees of 1986 say, 112 triples, 104 cases; or what a file of your own says.

    GEDCOM is what genealogy programs write (install the extra: pip install 'family-trees[gedcom]'). Our CSV has the
    columns kind,person,sex,other,parent2,born,died, a line a person, marriage or child. Triples are lines of person,
    relation, person, with any relations. For a file of your own, what was left out and why stands at the end.

    \b
    Examples:
      family-trees facts --person Colin
      family-trees facts --relation aunt --csv > aunts.csv
      family-trees facts --tree mine.ged
      family-trees facts --tree mine.ged --csv > facts.csv
      family-trees facts --gedcom > 1986.ged
    """
    if as_csv + as_json + as_gedcom > 1:
        raise click.UsageError("--csv, --json and --gedcom: give one of them")
    if as_gedcom:
        if tree or person or relation:
            raise click.UsageError("--gedcom prints all of the trees of 1986: give it alone")
        from family_trees.families.readers.gedcom import to_gedcom

        click.echo(to_gedcom(load_families()), nl=False)
        return
    task = family_trees_task() if tree is None else _own_task(tree)
    wanted_person = None if person is None else task.find_person(person)
    wanted_relation = None if relation is None else task.find_relation(relation)
    triples = [
        triple
        for triple in task.triples
        if wanted_person in (None, triple.person1) and wanted_relation in (None, triple.relation)
    ]
    cases = len({(triple.person1, triple.relation) for triple in triples})
    if as_json:
        click.echo(json.dumps([triple._asdict() for triple in triples], indent=2, ensure_ascii=False))
    elif as_csv:
        _print_csv(Triple._fields, triples)
    elif tree is not None and person is None and relation is None:
        counts = Counter(triple.relation for triple in triples)
        for name in task.relations:
            click.echo(f"{counts[name]:7,}  {name}")
        click.echo(f"{len(triples):7,}  facts, in {cases:,} cases, of {count(len(task.people), 'person')}")
    else:
        for case, answers in task.answers.items():
            if wanted_person in (None, case.person) and wanted_relation in (None, case.relation):
                click.echo(f"{case.person} has-{case.relation} {', '.join(answers)}")
        click.echo(f"{count(len(triples), 'triple')}, {count(cases, 'case')}", err=True)


@cli.command(name="train")
@click.option(
    "--recipe",
    "-r",
    "recipe_name",
    metavar="NAME",
    shell_complete=_recipes,
    help=f"One of {', '.join(RECIPES)}; 'family-trees recipes' tells what each does.  [default: {DEFAULT.name}; with "
    f"--tree {SMALL_BATCHES.name}]",
)
@click.option(
    "--set",
    "settings",
    metavar="KEY=VALUE",
    multiple=True,
    shell_complete=_settings,
    help="Change a value of the recipe, such as decay=0.001 or alpha=0.5,0.8 (one a phase). Repeat for more. "
    f"Keys: {', '.join(settings_of(PUBLISHED))}.",
)
@click.option(
    "--sweeps",
    type=int,
    help=f"Sweeps; the same as --set sweeps=N.  [default: {PUBLISHED.sweeps}; with --tree {SMALL_BATCHES.sweeps}]",
)
@click.option("--seed", default=0, show_default=True, help="Seed of all random numbers.")
@click.option("--network", default=0, show_default=True, help="Which network of the seed to train.")
@click.option("--tree", type=PATH, metavar="FILE", help="Train on a family of your own: GEDCOM, our CSV, or triples.")
@_layers_option
@click.option(
    "--held-out", type=int, help="How many random cases not to train on.  [default: 4 of 104, and that share]"
)
@click.option(
    "--hold-out",
    metavar="'PERSON RELATION'",
    multiple=True,
    shell_complete=_cases,
    help="A case not to train on. Repeat for more.",
)
@click.option(
    "--precision",
    type=click.Choice(get_args(Precision)),
    default="float64",
    show_default=True,
    help="Of all numbers in training.",
)
@click.option(
    "--out",
    "-o",
    type=PATH,
    metavar="FILE",
    default=Path("model.npz"),
    show_default=True,
    help="The model file to write.",
)
def train_command(
    recipe_name: str | None,
    settings: tuple[str, ...],
    sweeps: int | None,
    seed: int,
    network: int,
    tree: Path | None,
    layers: str | None,
    held_out: int | None,
    hold_out: tuple[str, ...],
    precision: Precision,
    out: Path,
) -> None:
    """Train one network and write it to a model file.

    The same recipe, seed, network number and held-out cases give the same weights. On a family of your own, it ends
    with a report: what was learned, and what may be missing from the file or wrong in it ('family-trees check' prints
    it again).

    \b
    Examples:
      family-trees train
      family-trees train --recipe published --seed 7
      family-trees train --hold-out 'Colin aunt' --hold-out 'Sophia uncle' --out two.npz
      family-trees train --recipe published --set decay=0 --set initial_range=1 --sweeps 5000
      family-trees train --tree mine.ged --out mine.npz
    """
    if held_out is not None and hold_out:
        raise click.UsageError("--held-out draws cases at random, --hold-out names them: give one of the two")
    if sweeps is not None:
        settings = (*settings, f"sweeps={sweeps}")
    base = find_recipe(recipe_name) if recipe_name else DEFAULT if tree is None else SMALL_BATCHES
    recipe = change(base, settings)
    task = family_trees_task() if tree is None else _own_task(tree)
    architecture = family_network(len(task.people), len(task.relations), _sizes(layers))
    check_memory(task, architecture, recipe, precision)
    split = task.find_cases(hold_out) if hold_out else usual_held_out(task) if held_out is None else held_out
    _check_not_read(out, tree)
    with staged_file(out) as temporary:
        with _progress("training", recipe.sweeps) as report:
            trained = train(
                *(task, recipe),
                seed=seed,
                first=network,
                held_out=split,
                architecture=architecture,
                precision=precision,
                report=report,
            )
        model = pick(trained, 0)
        save(model, temporary)
    click.echo(_training_text(model, tree))
    click.echo(f"written: {out}")
    if tree is not None:
        click.echo("\nlooking for facts that may be missing or wrong", err=True)
        click.echo(check_text(model))


@cli.command()
@_model_option
@_tree_option
@click.option(
    "--top", type=click.IntRange(min=1), default=LIST_LENGTH, show_default=True, help="So many facts in each list."
)
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@_json_option
def check(model_path: Path | None, tree: Path | None, top: int, as_csv: bool, as_json: bool) -> None:
    """Look with a trained network for facts that are missing or wrong.

    Prints how many held-out cases are right, by relation; the surest predictions that are not among the facts; and the
    facts that the network finds least likely. Each fact is asked for in both directions, and how likely it is, is the
    geometric mean of the two activities. How many planted errors are found that way, the README tells. With --tree,
    facts that have come or gone since the training are in neither list.

    \b
    Examples:
      family-trees check --model mine.npz
      family-trees check --model mine.npz --top 50 --csv > look-at.csv
      family-trees check --model mine.npz --tree mended.ged     the facts of the file as it is now
    """
    if as_csv and as_json:
        raise click.UsageError("--csv and --json: give one of them")
    model, file = _model_and_file(model_path, tree)
    if model_path is None:
        click.echo("this is the network of 1986, which ships with the package; --model asks one of your own", err=True)
    if as_json:
        shares = {name: share._asdict() for name, share in by_relation(model).items()}
        click.echo(
            json.dumps({"held_out": shares, "facts": check_rows(model, top, file)}, indent=2, ensure_ascii=False)
        )
    elif as_csv:
        rows = check_rows(model, top, file)
        _print_csv(("list", *Triple._fields, "likelihood", "held_out"), (row.values() for row in rows))
    else:
        click.echo(check_text(model, top, file))


def _print_csv(head: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([harmless(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    click.echo(text.getvalue(), nl=False)


def _model_and_file(path: Path | None, tree: Path | None) -> tuple[Model, Task | None]:
    """The model of a file, and the facts of `tree`, where one is given, to hold its answers against.

    Raises:
        FamilyTreesError: the tree has people or relations for which the model has no units.
    """
    if tree is None:
        return load(path), None
    if path is None:
        raise click.UsageError(f"--tree: give --model, too; 'family-trees train --tree {tree}' makes one")
    model, file = load(path), _own_task(tree)
    for kind, theirs, known in (
        ("somebody", file.people, model.task.place),
        ("a relation", file.relations, model.task.relation_place),
    ):
        new = next((name for name in theirs if name not in known), None)
        if new is not None:
            raise FamilyTreesError(
                f"{tree}: has {kind} that {path} was not trained on, {new!r}; 'family-trees train --tree {tree}' "
                "trains a network on it"
            )
    return model, file


def _model_of(path: Path | None, tree: Path | None) -> Model:
    """The model of a file; where `tree` is given, the facts must be those that it was trained on.

    Raises:
        FamilyTreesError: they are not.
    """
    model, file = _model_and_file(path, tree)
    if file is not None and {*file.triples} != {*model.task.triples}:
        raise FamilyTreesError(
            f"{tree}: its facts are not those that {path} was trained on; train again, or leave out --tree to look at "
            "the network as it is"
        )
    return model


def _check_not_read(out: Path, *read: Path | None) -> None:
    """See that what is written is none of the files that are read.

    Raises:
        FamilyTreesError: it is.
    """
    for path in read:
        if path is not None and out.resolve() == path.resolve():
            raise FamilyTreesError(f"{out}: this file is read; give another name with --out")


def _own_task(tree: Path) -> Task:
    """The facts of a file; what was left out of them is told."""
    from family_trees.families.readers.tree import left_out_lines as told
    from family_trees.families.readers.tree import read_tree

    reading = read_tree(tree)
    for words in told(reading.left_out):
        click.echo(f"left out: {words}", err=True)
    return Task(reading.people, reading.relations, reading.triples)


def _sizes(layers: str | None) -> tuple[int, int, int, int] | None:
    if layers is None:
        return None
    parts = layers.split(",")
    sizes = [int(part) for part in parts if part.strip().isdecimal() and len(part) < 10]
    if len(parts) != 4 or len(sizes) != 4 or not all(0 < size <= 10_000 for size in sizes):
        raise click.UsageError(f"--layers: {layers[:60]!r} is not allowed; give four whole numbers, such as 6,6,12,6")
    one, two, three, four = sizes
    return one, two, three, four


def _training_text(model: Model, own: Path | None) -> str:
    """What was learned; of a family of one's own without the formulas."""

    def share(cases: Sequence[Any]) -> str:
        return f"{sum(model.right[case] for case in cases)} of {len(cases)}"

    right_or_wrong = [f"{case} {'right' if model.right[case] else 'wrong'}" for case in model.held_out]
    how = describe(model.recipe) if own is None else "'family-trees recipes' tells how it differs from the paper"
    lines = [
        f"recipe               {model.recipe.name}: {how}",
        f"E of training cases  {model.curve.error[0, -1]:.3f}, after {count(model.recipe.sweeps, 'sweep')}",
        f"training cases right {share(model.training_cases)}",
    ]
    if model.held_out:
        by_case = f": {', '.join(right_or_wrong)}" if len(right_or_wrong) <= NAMED else ""
        lines.append(f"held-out cases right {share(model.held_out)}{by_case}")
    return "\n".join(lines)


@cli.command()
@_model_option
@_tree_option
@click.option(
    "--out", "-o", type=PATH, metavar="DIR", default=Path("figures"), show_default=True, help="Where to write them."
)
@click.option(
    "--format", "form", type=click.Choice(["png", "svg", "pdf"]), default="png", show_default=True, help="Of the files."
)
@click.option(
    "--question",
    "-q",
    metavar="'PERSON RELATION'",
    shell_complete=_cases,
    help="The question whose activities to draw.  [default: Colin aunt; of other people, the first case held out]",
)
@_around_option
@click.option(
    "--people",
    "most",
    type=click.IntRange(2, 200),
    default=24,
    show_default=True,
    help="How many people to show at most: those nearest by birth and marriage.",
)
def figures(
    model_path: Path | None,
    tree: Path | None,
    out: Path,
    form: Any,
    question: str | None,
    around: str | None,
    most: int,
) -> None:
    """Draw the paper's figures 2, 3 and 4, the learning curves, and how alike the people are, for a model.

    Of a large tree a part is shown, and the figures say which; what units encode is measured over all people.

    \b
    Examples:
      family-trees figures
      family-trees figures --model mine.npz --out drawn --format svg --question 'Sophia uncle'
      family-trees figures --model mine.npz --around anna --people 40
    """
    model = _model_of(model_path, tree)
    case = None if question is None else model.task.find_case(question)
    middle = None if around is None else model.task.find_person(around)
    from family_trees.views.figures.of_model import draw
    from family_trees.views.figures.style import fonts_for

    with staged_directory(out) as directory:
        names = draw(model, directory, form, case, middle, most)
    for name in names:
        click.echo(out / name)
    if not any(name.startswith("fig2") for name in names):
        click.echo("no figure 2: the facts tell of no parents and no marriages among those who are shown", err=True)
    _, unknown = fonts_for((*model.task.people, *model.task.relations))
    if unknown:
        how = "" if form == "svg" else "; --format svg leaves it to the browser to find one"
        click.echo(f"no font that is installed has the letters {unknown[:12]}{how}", err=True)


@cli.command()
@_json_option
def recipes(as_json: bool) -> None:
    """List the recipes, how each differs from the paper, and what each was measured to do."""
    summaries = {name: recipe_summary(recipe) for name, recipe in RECIPES.items()}
    if as_json:
        rows = [
            {
                "recipe": name,
                "default": recipe is DEFAULT,
                "differences": differences(recipe),
                "measured": None if (summary := summaries[name]) is None else summary._asdict(),
            }
            for name, recipe in RECIPES.items()
        ]
        click.echo(json.dumps(rows, indent=2))
        return
    for name, recipe in RECIPES.items():
        click.echo(click.style(name, bold=True) + (" (default)" if recipe is DEFAULT else ""))
        click.echo(f"  differs: {describe(recipe)}")
        summary = summaries[name]
        click.echo(f"  measured: {'not yet' if summary is None else summary.text()}\n")


_workers_option = click.option("--workers", type=click.IntRange(1), help="Processes.  [default: one a core]")


@cli.command()
@click.option(
    "--out",
    "-o",
    type=PATH,
    metavar="DIR",
    help="Where to write it all.  [default: results/quick; with --full, results]",
)
@click.option("--full", is_flag=True, help="As many networks as stand behind the committed claims.")
@click.option(
    "--networks",
    type=click.IntRange(1, 100_000),
    help="Networks for each of the two recipes; all other numbers in proportion.  [default: 80]",
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of all random numbers.")
@_workers_option
@click.option("--resume", is_flag=True, help="Go on with what an earlier, stopped run left in DIR.")
def reproduce(out: Path | None, full: bool, networks: int | None, seed: int, workers: int | None, resume: bool) -> None:
    """Reproduce the paper: train, measure, draw, and judge every claim, on one page.

    Trains networks by the recipe as printed and by the default one, looks at what the hidden units learned, and does
    the paper's other experiments, symmetry and iterative networks. Writes report.html (open it in a browser), the
    claims with their verdicts, the figures, and the tables behind them.

    \b
    Examples:
      family-trees reproduce                              under two minutes on two cores
      family-trees reproduce --full                       some minutes; says beforehand how many
      family-trees reproduce --full --resume              the same, from where it was stopped
      family-trees reproduce --networks 200 --out long
    """
    from family_trees.studies.paper.jobs import FULL, QUICK, scaled
    from family_trees.studies.paper.verdicts import summary_text
    from family_trees.views.report.reproduce import reproduce as run

    if full and networks is not None:
        raise click.UsageError("--full and --networks: give one of them")
    size = (
        replace(FULL, seed=seed) if full else replace(QUICK, seed=seed) if networks is None else scaled(networks, seed)
    )
    directory = out or Path("results" if full else "results/quick")
    with _experiments_progress(size, directory, workers) as report:
        rows = run(directory, size, workers=workers, resume=resume, report=report)
    click.echo(summary_text(rows))
    click.echo(f"\nwritten: {directory / 'report.html'}, figures, claims and tables beside it")


@contextmanager
def _experiments_progress(size: Any, directory: Path | None, workers: int | None) -> Iterator[Callable[[Any], None]]:
    """How long the experiments will take, then a progress bar; and a word on what is kept where they are stopped."""
    from family_trees.studies.paper.reproduction import seconds

    bars: list[Any] = []
    with ExitStack() as stack:

        def report(progress: Any) -> None:
            if not bars:
                left = seconds(size, workers or os.cpu_count() or 1, progress.experiments)
                left *= 1 - progress.done / progress.total
                minutes = f"{left:.0f} seconds" if left < 100 else f"{left / 60:.0f} minutes"
                click.echo(f"about {minutes} here", err=True)
                bar = click.progressbar(length=1000, file=sys.stderr, width=24, item_show_func=lambda name: name)
                bars.append(stack.enter_context(bar))
            bars[0].update(int(1000 * progress.done / progress.total) - bars[0].pos, progress.experiment)

        try:
            yield report
        except KeyboardInterrupt:
            kept = "" if directory is None else f"; what is done is kept in {directory}, and --resume goes on"
            click.echo(f"\nStopped by you{kept}.", err=True)
            sys.exit(EXIT_INTERRUPTED)


@cli.command(name="claims")
@click.argument("ids", nargs=-1, metavar="[CLAIM]...", shell_complete=_claim_names)
@click.option("--again", is_flag=True, help="Measure them again, with as many networks: some minutes at most.")
@click.option("--quick", is_flag=True, help="With --again: as few networks as a quick reproduction has.")
@click.option(
    "--seed", type=click.IntRange(0), default=0, show_default=True, help="With --again: of all random numbers."
)
@_workers_option
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@_json_option
def claims_command(
    ids: tuple[str, ...], again: bool, quick: bool, seed: int, workers: int | None, as_csv: bool, as_json: bool
) -> None:
    """Print the claims of the paper and what became of them: all ten, or those named.

    The verdicts are those of the full reproduction; with --again they are measured anew, and nothing is written.

    \b
    Examples:
      family-trees claims
      family-trees claims F3 F4                 with what was measured, and what decides it
      family-trees claims S1 --again --quick
      family-trees claims --json | jq '.[] | select(.verdict != "replicated") | .tried'
    """
    from tempfile import TemporaryDirectory

    from family_trees.studies.paper import claims, verdicts
    from family_trees.studies.paper.verdicts import summary_text

    if as_csv and as_json:
        raise click.UsageError("--csv and --json: give one of them")
    if (quick or seed or workers) and not again:
        raise click.UsageError("--quick, --seed and --workers go with --again")
    if again and not ids:
        raise click.UsageError("--again: name the claims, such as F3; 'family-trees reproduce' measures all of them")
    wanted = [each.upper() for each in ids] or [claim.id for claim in claims.CLAIMS]
    experiments = claims.experiments_of(wanted)
    if again:
        from family_trees.studies.paper.jobs import FULL, QUICK
        from family_trees.studies.paper.reproduction import run_experiments

        size = replace(QUICK if quick else FULL, seed=seed)
        with (
            TemporaryDirectory() as directory,
            _experiments_progress(size, None, workers) as report,
        ):
            tables = run_experiments(size, Path(directory), experiments=experiments, workers=workers, report=report)
        rows = claims.claims(tables)
    else:
        rows = list(verdicts.committed())
    rows = [row for row in rows if row.id in wanted]
    if as_json:
        click.echo(json.dumps([row._asdict() for row in rows], indent=2, ensure_ascii=False))
    elif as_csv:
        click.echo(verdicts.to_csv(rows), nl=False)
    else:
        click.echo(summary_text(rows, in_full=bool(ids)))


@cli.command()
@click.argument("file", type=PATH)
@click.option(
    "--out", "-o", type=PATH, metavar="DIR", help="Where to write.  [default: the name of FILE, without .toml]"
)
@click.option(
    "--networks",
    type=click.IntRange(1),
    help="At most this many networks for each recipe and held-out size: the study in small.",
)
@click.option("--tree", type=PATH, metavar="FILE", help="On a family of your own: GEDCOM, our CSV, or triples.")
@_layers_option
@_workers_option
@click.option("--resume", is_flag=True, help="Go on with what an earlier run of this study left in DIR.")
def study(
    file: Path,
    out: Path | None,
    tree: Path | None,
    layers: str | None,
    networks: int | None,
    workers: int | None,
    resume: bool,
) -> None:
    """Run a study: many networks, as FILE says, and tidy tables.

    FILE names recipes by their differences from others, axes to vary, splits and seeds. DIR gets networks.csv (a row a
    network and checkpoint), cases.csv (a row a network, checkpoint and held-out case), summary.csv, and, where FILE
    asks for committees, committees.csv. A study that was stopped goes on with --resume, and ends with the same bytes; a
    finished one is not run again.

    \b
    Examples:
      family-trees study scripts/studies/published-ranges.toml --networks 20
      family-trees study scripts/studies/published-ranges.toml --resume
      family-trees study mine.toml --tree mine.ged --out mine
      family-trees compare published-ranges 'published, initial_range 1.0' 'published, initial_range 4.0'

    \b
    A study file:
      title = "Epsilon against the initial range"
      splits = 100            # splits of the cases, which all recipes share
      seeds = 2               # networks on each split
      held_out = 4            # or several, [1, 2, 4], or "each": every case alone
      checkpoints = [500]     # and after the last sweep
      precision = "float32"
      committees = [1, 8]     # networks of one split that answer together
      [[recipes]]
      name = "y - d"
      base = "published"
      error_signal = "cross-entropy"
      [departures]            # each alone; with together = 2 each pair, too
      "no decay" = { decay = 0.0 }
      "no biases" = { biases = false }
      [axes]                  # every combination
      epsilon_factor = [1, 2, 5]
      initial_range = [1.0, 2.0]
    """
    from family_trees.studies.run import blocks, run_study
    from family_trees.studies.study_file import read_study, smaller

    task = family_trees_task() if tree is None else _own_task(tree)
    architecture = family_network(len(task.people), len(task.relations), _sizes(layers))
    wanted = read_study(file, task)
    if networks is not None:
        asked = wanted.committees
        wanted = smaller(wanted, networks, task)
        if wanted.committees != asked:
            left_out = ", ".join(str(members) for members in asked if members not in wanted.committees)
            click.echo(f"too few networks for committees of {left_out}: these are left out", err=True)
    sizes = sorted((block.networks for block in blocks(wanted, task)), reverse=True)
    together = sum(sizes[: workers or os.cpu_count() or 1])  # each worker has a block of networks
    for recipe in wanted.recipes:
        check_memory(task, architecture, recipe, wanted.precision, together)
    directory = Path(file.stem) if out is None else out
    with ExitStack() as stack:
        bars: list[Any] = []

        def report(done: int, total: int) -> None:
            if not bars:
                bar = click.progressbar(length=total, label=f"{total} networks", file=sys.stderr, width=24)
                bars.append(stack.enter_context(bar))
            bars[0].update(done - bars[0].pos)

        try:
            ran = run_study(
                wanted,
                directory,
                task=task,
                architecture=architecture,
                workers=workers,
                resume=resume,
                report=report,
            )
        except KeyboardInterrupt:
            click.echo(f"\nStopped by you; what is done is kept in {directory}, and --resume goes on.", err=True)
            sys.exit(EXIT_INTERRUPTED)
    if ran or not (directory / "summary.csv").exists():  # a run may be killed between its tables and their summary
        from family_trees.studies.summaries import write_study_summary

        write_study_summary(directory)
        click.echo(f"written: {directory / 'summary.csv'}, other tables beside it")
    else:
        click.echo(f"{directory}: this study is finished; remove the directory to run it again")


@cli.command()
@click.argument("directory", type=PATH)
@click.argument("first")
@click.argument("second")
@click.option("--sweep", type=int, help="The checkpoint to compare at.  [default: the last one of each]")
@_json_option
def compare(directory: Path, first: str, second: str, sweep: int | None, as_json: bool) -> None:
    """Say whether two recipes of a finished study differ.

    Recipes share the splits of the cases, so each split gives one difference, FIRST minus SECOND; intervals are 95%, a
    bootstrap over splits.

    \b
    Examples:
      family-trees compare published-ranges 'published, initial_range 1.0' 'published, initial_range 4.0'
    """
    import pandas as pd

    from family_trees.studies.comparison import compare as compare_recipes

    table = directory / "networks.csv"
    if not table.is_file():
        raise FamilyTreesError(f"{directory}: holds no finished study; 'family-trees study' runs one")
    rows = compare_recipes(pd.read_csv(table), first, second, sweep)
    if as_json:
        click.echo(json.dumps([row._asdict() | {"differ": row.differ} for row in rows], indent=2))
        return
    for row in rows:
        verdict = "they differ" if row.differ else "no difference shown" if row.enough else "too few splits to tell"
        interval = f"{row.difference:+.1%} ({row.low:+.1%} to {row.high:+.1%})"
        click.echo(f"{row.measure}: {row.first:.1%} and {row.second:.1%}, difference {interval}: {verdict}")


@cli.command()
@_model_option
@click.option(
    "--threshold",
    type=click.FloatRange(0, 1, min_open=True),
    help="A unit encodes what explains at least this share of the variance of its weights.  [default: 0.5]",
)
@_json_option
def analyse(model_path: Path | None, threshold: float | None, as_json: bool) -> None:
    """Say what each hidden unit of a trained network encodes.

    For every unit of the person code, the relation code and the penultimate layer: what share of the variance of its
    weights is explained by what is known of the people (nationality, generation, branch of the family, sex) or of the
    relations (sex of the relative, generations up or down, kind). Of a tree of your own, the family takes the place of
    the nationality, and all is known from words such as father and wife. "by chance": with the names shuffled, the best
    unit of the layer stays below that in 19 of 20 shuffles.

    \b
    Examples:
      family-trees analyse
      family-trees analyse --model mine.npz --threshold 0.7
      family-trees analyse --json | jq '.[] | select(.encodes != "")'
    """
    from family_trees.analysis.encoding import THRESHOLD, unit_table
    from family_trees.views.units_text import units_json, units_text

    model = load(model_path)
    table = unit_table(model.weights, model.task, [model.number], model.architecture)
    least = THRESHOLD if threshold is None else threshold
    click.echo(json.dumps(units_json(table, least), indent=2) if as_json else units_text(table, least))


@cli.command()
@click.argument("what", nargs=-1, required=True, metavar="PERSON RELATION | worked-example | apples")
@_model_option
@click.option("--unit", metavar="NAME", help="The unit to explain: 'central 3', 'person code 6', 'answer Jennifer'.")
@click.option(
    "--weight",
    nargs=2,
    metavar="FROM TO",
    help="The weight to explain, by its units: 'person Colin' 'person code 6'; or from bias.",
)
@click.option("--sweep", type=int, help="After how many sweeps of its training.  [default: after all of them]")
@click.option("--markdown", is_flag=True, help="Markdown with formulas in LaTeX, for a notebook or a lecture.")
def explain(
    what: tuple[str, ...],
    model_path: Path | None,
    unit: str | None,
    weight: tuple[str, str] | None,
    sweep: int | None,
    markdown: bool,
) -> None:
    """Show the paper's equations 1 to 9 with their numbers, for one question.

    The forward pass, the error, the backward pass, and the weight change: for one unit, or for one weight, whose
    gradient is also followed path by path, as the chain rule says. Without either, every layer in a table.

    \b
    Examples:
      family-trees explain Colin aunt
      family-trees explain Colin aunt --unit 'answer Jennifer' --sweep 100
      family-trees explain Colin aunt --weight 'person Colin' 'person code 6' --markdown > lecture.md
      family-trees explain worked-example      two inputs, two hidden, two output units, by hand
      family-trees explain apples              two computation graphs
    """
    from family_trees.analysis.explain.case import explain_case
    from family_trees.analysis.explain.examples import apples, worked_example
    from family_trees.analysis.explain.examples import eight_decimals as eight
    from family_trees.analysis.explain.text import as_markdown, as_text

    examples = {"worked-example": worked_example, "apples": apples}
    number = None
    if len(what) == 1 and what[0] in examples:
        if unit or weight or sweep is not None or model_path:
            raise click.UsageError(f"{what[0]} has no options but --markdown")
        sections = examples[what[0]]()
        number = eight if what[0] == "worked-example" else None
    elif len(what) == 2:
        if unit and weight:
            raise click.UsageError("--unit and --weight: give one of them")
        model = load(model_path)
        case = Case(model.task.find_person(what[0]), model.task.find_relation(what[1]))
        sections = explain_case(model, case, unit=unit, weight=weight, sweep=sweep)
    else:
        raise click.UsageError("give a person and a relation, such as Colin aunt; or worked-example, or apples")
    click.echo(as_markdown(sections, number) if markdown else as_text(sections, number))


@cli.command()
@_model_option
@_tree_option
@click.option(
    "--out",
    "-o",
    type=PATH,
    metavar="FILE",
    default=Path("explorer.html"),
    show_default=True,
    help="The page to write.",
)
@_around_option
@click.option(
    "--people", "most", type=click.IntRange(2, 200), default=40, show_default=True, help="How many to show at most."
)
@click.option("--open", "opened", is_flag=True, help="Open it in the browser.")
def explore(model_path: Path | None, tree: Path | None, out: Path, around: str | None, most: int, opened: bool) -> None:
    """Write a page to look inside a network: click a question, watch it learn, see every equation with its numbers.

    One file that holds everything, to be opened from disk: no network, no server. It shows the network at 40 moments of
    its training, for which the model is trained again. Of a large tree it shows a part, and fewer moments.

    \b
    Examples:
      family-trees explore --open
      family-trees explore --model mine.npz --out mine.html
      family-trees explore --model mine.npz --around anna
    """
    from family_trees.views.explorer.page import explorer_page, shown_part, snapshots

    model = _model_of(model_path, tree)
    _check_not_read(out, model_path, tree)
    part = shown_part(model, None if around is None else model.task.find_person(around), most)
    with staged_file(out) as temporary:
        with click.progressbar(length=model.recipe.sweeps, label="training again", file=sys.stderr, width=24) as bar:
            found = snapshots(model, bar.update, part)
        temporary.write_text(explorer_page(model, found.states, part), encoding="utf-8", newline="\n")
    if not found.same:
        click.echo("trained again, the model gets other weights: the page holds the final network alone", err=True)
    click.echo(f"written: {out}")
    if opened:
        click.launch(out.resolve().as_uri())


@cli.command("symmetry")
@click.option("--networks", type=click.IntRange(1), default=100, show_default=True, help="Networks to train.")
@click.option("--hidden", type=click.IntRange(0), default=2, show_default=True, help="Hidden units.")
@click.option("--sweeps", type=click.IntRange(1), default=5000, show_default=True, help="Sweeps.")
@click.option("--epsilon", type=click.FloatRange(0, min_open=True), default=0.1, show_default=True, help="Step size.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of all random numbers.")
@click.option("--xor", is_flag=True, help="Learn XOR instead: the classic of two bits.")
@click.option("--figure", type=PATH, metavar="FILE", help="Draw one solution as in the paper's figure 1.")
def symmetry_command(
    networks: int, hidden: int, sweeps: int, epsilon: float, seed: int, xor: bool, figure: Path | None
) -> None:
    """Train networks on the symmetry task of the paper's figure 1, or on XOR.

    Six bits in; one unit out, which should be on if the vector is symmetric about its middle. The paper's numbers:
    epsilon 0.1, alpha 0.9, initial weights between -0.3 and 0.3, all 64 vectors, 1,425 sweeps.

    \b
    Examples:
      family-trees symmetry                        how many networks learn it, when, and in what form
      family-trees symmetry --hidden 0             without a hidden layer it cannot be done
      family-trees symmetry --hidden 8 --epsilon 0.02
      family-trees symmetry --figure fig1.png
      family-trees symmetry --xor
    """
    from family_trees.models import symmetry
    from family_trees.views.figures.style import check_figure, save_figure

    if figure is not None:
        if xor or hidden != 2:
            raise click.UsageError("--figure draws the symmetry task with two hidden units")
        check_figure(figure)
    recipe = replace(symmetry.PRINTED, epsilon=(epsilon, epsilon), sweeps=sweeps)
    task = symmetry.xor_task() if xor else symmetry.symmetry_task()
    with click.progressbar(length=sweeps, label=count(networks, "network"), file=sys.stderr, width=24) as bar:
        run = symmetry.run(task, recipe, networks=networks, hidden=hidden, seed=seed, report=bar.update)
    for line in symmetry.summary_lines(run):
        click.echo(line)
    if figure is not None:
        import numpy as np

        from family_trees.engine.network import select_networks as taken
        from family_trees.views.figures.symmetry import draw_symmetry

        shown = symmetry.network_to_draw(run.solved, symmetry.form(run.weights).as_in_the_paper, run.error)
        if shown is None:
            raise FamilyTreesError("no network has learned the task, so there is none to draw; try more networks")
        save_figure(draw_symmetry(taken(run.weights, np.array([shown]))), figure)
        click.echo(f"written: {figure}")


@contextmanager
def _progress(label: str, steps: int) -> Iterator[Callable[[TrainingProgress], None]]:
    """A progress bar on standard error, with the time left and how the networks in hand are doing.

    It appears with the first report, so that what is wrong with the options is told without it; and fits 80 columns.
    """

    def doing(progress: TrainingProgress | None) -> str | None:
        return None if progress is None else f"E {progress.error:.1f}, {progress.training_right:.0f} cases right"

    with ExitStack() as stack:
        bar = click.progressbar(length=steps, label=label, file=sys.stderr, width=16, item_show_func=doing)

        def report(progress: TrainingProgress) -> None:
            if not bars:
                bars.append(stack.enter_context(bar))
            bar.update(progress.steps, progress)

        bars: list[object] = []
        yield report


cli.add_command(report_studies)


if __name__ == "__main__":
    main()
