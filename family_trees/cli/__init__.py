"""The command line: it reads what the user typed, calls the other rooms, and prints the result.

The file of a command is imported only when the command is used. Commands that print text import what they need inside
their functions, so that they start fast. To add a command, write it in a file of this room, and give it a line in
`SECTIONS`.
"""

from __future__ import annotations

import errno
import io
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, NamedTuple, cast

import click

from family_trees.cli.progress import EXIT_INTERRUPTED
from family_trees.support.errors import FamilyTreesError
from family_trees.version import VERSION


class CommandEntry(NamedTuple):
    """The file of a command, and its line in the list of all commands."""

    module: str
    """The module in this room. The function there has the name of the command, with _ for -."""
    short_help: str
    """The first sentence of its help, repeated here so that the list is printed without importing any command."""


SECTIONS: Mapping[str, Mapping[str, CommandEntry]] = {
    "Ask": {
        "query": CommandEntry("ask", "Ask a trained network: who is the RELATION of PERSON?"),
        "facts": CommandEntry("ask", "Print the facts of the trees of 1986, or of a file of your own."),
        "fingerprint": CommandEntry(
            "ask", "Print the fingerprint of a trained network: it names the weights, to the last bit."
        ),
        "recipes": CommandEntry("ask", "List the recipes: what each changes, and how well it learns."),
    },
    "Train": {
        "train": CommandEntry("train", "Train one network and write it to a model file."),
        "evaluate": CommandEntry("evaluate", "Measure how well a network finds facts that it was not trained on."),
        "check": CommandEntry("train", "Look with trained networks for facts that are missing or wrong."),
    },
    "Look inside": {
        "figures": CommandEntry("look", "Draw the paper's figures 2, 3 and 4 for a model, and three more."),
        "analyse": CommandEntry("look", "Say what each hidden unit of a trained network encodes."),
        "explain": CommandEntry("look", "Show the paper's equations 1 to 9 with numbers, for one question."),
        "slides": CommandEntry("slides", "Write the figures of the paper and of the lecture as slides."),
        "explore": CommandEntry("look", "Write a page that trains a network and shows its inside."),
    },
    "The paper": {
        "claims": CommandEntry("paper", "Print the claims of the paper and what became of them."),
        "reproduce": CommandEntry("paper", "Reproduce the paper: train, measure, draw, and judge every claim."),
        "symmetry": CommandEntry("paper", "Train networks on symmetry, the paper's figure 1, or on XOR."),
    },
    "Many networks": {
        "study": CommandEntry("many", "Run a study: many networks, as FILE says, and tidy tables."),
        "compare": CommandEntry("many", "Say whether two recipes of a finished study differ."),
        "report-studies": CommandEntry("report_studies", "Sum up the studies behind the findings, a page for each."),
        "site": CommandEntry("site", "Write a static site of the results and the documentation."),
    },
}
"""All commands, by the section of the help in which they stand."""


COMMANDS: Mapping[str, CommandEntry] = {name: entry for section in SECTIONS.values() for name, entry in section.items()}
"""All commands by name, in the order of the help."""


class LazyCommands(Mapping[str, click.Command]):
    """The commands by name. Each is imported when it is first looked up."""

    def __getitem__(self, name: str) -> click.Command:
        module = import_module(f"{__name__}.{COMMANDS[name].module}")
        return cast("click.Command", getattr(module, name.replace("-", "_")))

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


class LazyGroup(click.Group):
    """A group of commands that lists them in sections without importing any."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = cast("Any", LazyCommands())

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The names of all commands, in the order of the help."""
        return list(COMMANDS)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the commands into the help, section by section."""
        width = max(map(len, COMMANDS))
        for title, section in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(width), entry.short_help) for name, entry in section.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(VERSION, prog_name="family-trees")
def cli() -> None:
    """The family-trees network of Rumelhart, Hinton & Williams (Nature, 1986), trained as the paper says.

    \b
    Examples:
      family-trees query Colin aunt         ask the network that ships with the package
      family-trees train --out mine.npz     train a network of your own: about a second
      family-trees train --tree mine.ged    on a family of your own, with a report
      family-trees train --triples any.csv  on facts of any relations: Peru,capital,Lima
      family-trees check --model mine.npz   what may be missing from its file, or wrong in it
      family-trees evaluate --folds 5       how well networks infer what they were not told
      family-trees figures --model mine.npz look at what its hidden units learned
      family-trees analyse                  what each of its hidden units encodes
      family-trees explain Colin aunt       every equation with its numbers
      family-trees explore --open           a page to look inside the network
      family-trees symmetry                 the paper's other task, figure 1
      family-trees claims                   what became of the paper's claims
      family-trees reproduce                train and measure it all, and write a report

    Every command explains itself: family-trees COMMAND --help.

    \b
    Completion of people, relations and recipes, for bash (zsh and fish likewise):
      eval "$(_FAMILY_TREES_COMPLETE=bash_source family-trees)"
    """


def main() -> None:
    """Run the command line. An error that the user can mend is printed in one line, without a traceback."""
    signal.signal(signal.SIGTERM, _terminated)
    _prepare_streams()
    try:
        status = cli.main(prog_name="family-trees", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as problem:
        problem.show()
        sys.exit(problem.exit_code)
    except FamilyTreesError as problem:
        click.echo(f"Error: {problem}", err=True)
        sys.exit(1)
    except OSError as problem:  # not a bug: standard output is full, or its reader has gone
        if not isinstance(problem, BrokenPipeError):
            reason = "is closed, so nothing was printed" if problem.errno == errno.EBADF else problem.strerror
            click.echo(f"Error: {problem.filename or 'standard output'}: {reason or problem}", err=True)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that the rest of the output goes nowhere
        sys.exit(1)
    except (click.Abort, KeyboardInterrupt):
        click.echo("\nStopped by you; nothing was written.", err=True)
        sys.exit(EXIT_INTERRUPTED)
    sys.exit(status if isinstance(status, int) else 0)


def _prepare_streams() -> None:
    """Make both outputs accept any text: unknown characters become "?".

    A closed standard error discards what it gets. A closed standard output is an error when something is printed.
    """
    for descriptor in (0, 1, 2):  # else files that are opened later would take the place of what is closed
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR if descriptor == 2 else os.O_RDONLY)
    for descriptor, name in ((1, "stdout"), (2, "stderr")):
        if getattr(sys, name) is None:  # closed by the shell, as by `>&-`
            setattr(sys, name, open(descriptor, "w", encoding="utf-8", closefd=False))  # noqa: SIM115
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="replace")


def _terminated(_number: int, _frame: object) -> None:
    """End the program on SIGTERM, with unfinished files removed, as after Ctrl-C."""
    sys.exit(128 + signal.SIGTERM)
