"""Commands that look inside a network: figures, analyse, explain, explore."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from family_trees.cli.options import (
    PATH,
    around_option,
    complete_cases,
    echo_json,
    json_option,
    model_of_same_facts,
    model_option,
    same_tree_option,
    task_of,
    telling_new_directory,
)
from family_trees.families.kinship import MAX_PEOPLE_SHOWN
from family_trees.models.saved import load
from family_trees.support.files import check_not_an_input, staged_directory, staged_file

if TYPE_CHECKING:
    from family_trees.views.figures.style import Format


@click.command()
@model_option
@same_tree_option
@click.option(
    "--out",
    "-o",
    type=PATH,
    metavar="DIR",
    default=Path("figures"),
    show_default=True,
    help="The directory to write the figures to.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["png", "svg", "pdf"]),
    default="png",
    show_default=True,
    help="The file format.",
)
@click.option(
    "--question",
    "-q",
    metavar="'PERSON RELATION'",
    shell_complete=complete_cases,
    help="The question whose activities to draw.  [default: Colin aunt; for other people, the first held-out case]",
)
@around_option
@click.option(
    "--people",
    "most",
    type=click.IntRange(2, 200),
    default=MAX_PEOPLE_SHOWN,
    show_default=True,
    help="The most people to show: those nearest by birth and marriage.",
)
def figures(
    model_path: Path | None,
    tree: Path | None,
    out: Path,
    form: Format,
    question: str | None,
    around: str | None,
    most: int,
) -> None:
    """Draw the paper's figures 2, 3 and 4 for a model, and three more.

    Figure 2 shows the family trees, figure 3 the activities of all units for one question, figure 4 the weights from
    people and from relations. The other three show the learning curves, a map of the people by their codes, and how
    similar the codes are. Of a large tree, the figures show a part and say which. What units encode is measured over
    all people.

    For vectors and matrices ('train --learner'), figure 3 is the product of the question, and figure 4 shows people and
    relations as matrices. Others show which relations compose, and whether one rotation turns one tree into the other.

    \b
    Examples:
      family-trees figures
      family-trees figures --model mine.npz --out drawn --format svg --question 'Sophia uncle'
      family-trees figures --model mine.npz --around anna --people 40
    """
    model = model_of_same_facts(model_path, tree)
    case = None if question is None else model.task.find_case(question)
    middle = None if around is None else model.task.find_person(around)
    from family_trees.views.figures.of_model import draw
    from family_trees.views.figures.style import fonts_for

    with telling_new_directory(out.parent), staged_directory(out) as directory:
        names = draw(model, directory, form, case, middle, most)
    for name in names:
        click.echo(out / name)
    if not any(name.startswith("fig2") for name in names):
        click.echo("no figure 2: the facts name no parents and no marriages among the people shown", err=True)
    _, unknown = fonts_for((*model.task.people, *model.task.relations))
    if unknown:
        hint = "" if form == "svg" else "; with --format svg the browser may find one"
        click.echo(f"no installed font has the letters {unknown[:12]}{hint}", err=True)


@click.command()
@model_option
@click.option(
    "--threshold",
    type=click.FloatRange(0, 1, min_open=True),
    help="A unit encodes a property that explains at least this share of the variance of its weights.  [default: 0.5]",
)
@json_option
def analyse(model_path: Path | None, threshold: float | None, as_json: bool) -> None:
    """Say what each hidden unit of a trained network encodes.

    The table has every unit of the person code, the relation code and the penultimate layer. It says what share of the
    variance of a unit's weights is explained by each property of the people (nationality, generation, branch of the
    family, sex) or of the relations (sex of the relative, generations up or down, kind). In a tree of your own, the
    family takes the place of the nationality, and words such as father and wife tell the properties.

    The line "by chance" comes from shuffled names: in 19 of 20 shuffles, the best unit of the layer stays below it.

    Single numbers of vectors and matrices ('train --learner') mean little. So of such a model, the command first says
    what whole codes tell, which no rotation changes.

    \b
    Examples:
      family-trees analyse
      family-trees analyse --model mine.npz --threshold 0.7
      family-trees analyse --json | jq '.[] | select(.encodes != "")'
    """
    from family_trees.analysis.encoding import ENCODING_THRESHOLD
    from family_trees.views.codes_text import analysis_json, analysis_text

    model = load(model_path)
    least = ENCODING_THRESHOLD if threshold is None else threshold
    if as_json:
        echo_json(analysis_json(model, least), ascii_only=True)
    else:
        click.echo(analysis_text(model, least))


@click.command()
@click.argument("what", nargs=-1, required=True, metavar="PERSON RELATION | EXAMPLE")
@model_option
@click.option("--unit", metavar="NAME", help="The unit to explain: 'central 3', 'person code 6', 'answer Jennifer'.")
@click.option(
    "--weight",
    nargs=2,
    metavar="FROM TO",
    help="The weight to explain, by its units: 'person Colin' 'person code 6'; or from bias.",
)
@click.option(
    "--sweep",
    type=int,
    help="Explain the network after this many sweeps of its training.  [default: after all of them]",
)
@click.option("--chain-rule", is_flag=True, help="Show the derivative by the weight as a tree, path by path.")
@click.option(
    "--paths",
    type=click.IntRange(1, 200),
    default=6,
    show_default=True,
    help="With --chain-rule: how many of the strongest paths to show.",
)
@click.option(
    "--draw", type=PATH, metavar="FILE", help="With --chain-rule: draw the tree into this .svg, .png or .pdf file, too."
)
@click.option("--markdown", is_flag=True, help="Print Markdown with formulas in LaTeX, for a notebook or a lecture.")
def explain(
    what: tuple[str, ...],
    model_path: Path | None,
    unit: str | None,
    weight: tuple[str, str] | None,
    sweep: int | None,
    chain_rule: bool,
    paths: int,
    draw: Path | None,
    markdown: bool,
) -> None:
    """Show the paper's equations 1 to 9 with numbers, for one question.

    It shows the forward pass, the error, the backward pass and the weight change: with --unit for one unit, with
    --weight for one weight, whose gradient is also followed path by path, by the chain rule. Without either option,
    every layer is a table. With --chain-rule, the derivative by a weight is a tree: what depends on what, a product
    along each path, and the sum over the paths.

    A model of vectors or matrices ('train --learner') has equations of its own. Its units are 'product 3' and
    'answer NAME', and its weights are the numbers of people and relations.

    \b
    Examples:
      family-trees explain Colin aunt
      family-trees explain Colin aunt --unit 'answer Jennifer' --sweep 100
      family-trees explain Colin aunt --weight 'person Colin' 'person code 6' --markdown > lecture.md
      family-trees explain Colin aunt --weight 'person Colin' 'person code 6' --chain-rule --draw tree.svg
      family-trees explain worked-example      two inputs, two hidden, two output units, by hand
      family-trees explain worked-example --chain-rule --weight 'x 2' 'h 1'
      family-trees explain apples              three computation graphs of sums and products
      family-trees explain nested              sines and exponentials in each other, piece by piece
      family-trees explain units               every kind of unit: activity, slope; a maxout unit
      family-trees explain xor                 XOR by threshold units, and why they cannot learn it
    """
    from family_trees.analysis.explain.examples import EXAMPLES
    from family_trees.analysis.explain.text import as_markdown, as_text
    from family_trees.families.task import Case

    is_example = len(what) == 1 and what[0] in EXAMPLES
    if not is_example and len(what) != 2:
        raise click.UsageError(f"give a person and a relation, such as Colin aunt; or one of {', '.join(EXAMPLES)}")
    number = EXAMPLES[what[0]].number_format if is_example else None
    if draw and not chain_rule:
        raise click.UsageError("--draw: it draws the tree of --chain-rule")
    if is_example and (unit or sweep is not None or model_path or (weight and not chain_rule)):
        raise click.UsageError(f"{what[0]} has only the options --markdown and --chain-rule")
    if unit and (weight or chain_rule):
        raise click.UsageError(f"--unit and {'--weight' if weight else '--chain-rule'}: give one of them")
    if chain_rule:
        from family_trees.analysis.explain import chain_rule as rule

        if is_example:
            trees = rule.chain_rule_of_example(what[0], weight, paths)
        else:
            model = load(model_path)
            rule.check_has_tree(model)
            if weight is None:
                raise click.UsageError("--chain-rule: give the weight, such as --weight 'person Colin' 'person code 6'")
            case = Case(model.task.find_person(what[0]), model.task.find_relation(what[1]))
            trees = (rule.chain_rule_of_model(model, case, weight, sweep, paths),)
        if draw:
            from family_trees.views.figures.chain_tree import draw_chain_trees
            from family_trees.views.figures.style import check_figure, save_figure

            check_not_an_input(draw, model_path)
            check_figure(draw)
            save_figure(draw_chain_trees(trees), draw)
        sections = rule.chain_rule_sections(trees)
    elif is_example:
        sections = EXAMPLES[what[0]].sections()
    else:
        from family_trees.analysis.explain.case import explain_case

        model = load(model_path)
        case = Case(model.task.find_person(what[0]), model.task.find_relation(what[1]))
        sections = explain_case(model, case, unit=unit, weight=weight, sweep=sweep)
    click.echo(as_markdown(sections, number) if markdown else as_text(sections, number))


@click.command()
@model_option
@click.option(
    "--tree",
    type=PATH,
    metavar="FILE",
    help="Without --model: a family for the page to train, untrained. With --model: the family file of the model; "
    "the command stops if its facts are others.",
)
@click.option(
    "--out",
    "-o",
    type=PATH,
    metavar="FILE",
    default=Path("explorer.html"),
    show_default=True,
    help="The page to write.",
)
@around_option
@click.option(
    "--people", "most", type=click.IntRange(2, 200), default=60, show_default=True, help="The most people to show."
)
@click.option("--open", "opened", is_flag=True, help="Open the page in the browser.")
def explore(model_path: Path | None, tree: Path | None, out: Path, around: str | None, most: int, opened: bool) -> None:
    """Write a page that trains a network and shows its inside.

    Press Train, watch the network learn, and see every equation with its numbers. The page is a single file. It is
    opened from disk and needs neither the internet nor a server. It trains the very network of the model, to the last
    bit. A network of a large tree it does not train: it shows a part of the people, and moments that 'train' kept.
    With --tree and no --model, the page opens with a family of at most 60 people, untrained, to be trained there.

    \b
    Examples:
      family-trees explore --open
      family-trees explore --tree mine.ged --out mine.html
      family-trees explore --model mine.npz --out mine.html
      family-trees explore --model mine.npz --around anna
    """
    from family_trees.views.explorer.page import explorer_page
    from family_trees.views.explorer.page_data import people_on_page, trains_in_page, untrained_model

    untrained = tree is not None and model_path is None
    model = untrained_model(task_of(tree)) if untrained else model_of_same_facts(model_path, tree)
    check_not_an_input(out, model_path, tree)
    part = people_on_page(model, None if around is None else model.task.find_person(around), most)
    with telling_new_directory(out.parent), staged_file(out) as temporary:
        temporary.write_text(explorer_page(model, part, untrained=untrained), encoding="utf-8", newline="\n")
    if model.trajectory is None and not trains_in_page(model, part):
        click.echo(
            "this model keeps no course of learning, so the page shows the final network alone; 'family-trees train' "
            "makes models that do",
            err=True,
        )
    click.echo(f"written: {out}")
    if opened:
        click.launch(out.resolve().as_uri())
