"""How long does a command that prints text take? Its time against that of importing numpy and click alone.

    python scripts/benchmark_startup.py [--runs 15]

Each command runs in turn with `python -c "import numpy, click"`, each in a process of its own. Prints the medians in
milliseconds of processor time, and the ratio of the pairs of runs: median, least and most. The goal is at most 1.5.
"""

from __future__ import annotations

import subprocess
import sys
import time
from statistics import median

import click

from family_trees.support.data import data_file

COMMANDS = (
    ["--help"],
    ["query", "Colin", "aunt"],
    ["query", "Colin", "aunt", "--json"],
    ["facts"],
    ["claims"],
    ["claims", "--csv"],
    ["recipes"],
)


BASELINE = [sys.executable, "-c", "import numpy, click"]


MOST_WANTED_RATIO = 1.5
"""The goal for the median ratio."""


@click.command()
@click.option("--runs", default=15, show_default=True, help="Pairs of runs for each command.")
def main(runs: int) -> None:
    """Time the commands and print a line for each."""
    click.echo(f"{'command':<26}{'ms':>6}{'numpy, click':>15}{'ratio':>8}   least to most")
    for words in COMMANDS:
        command = [sys.executable, "-m", "family_trees", *words]
        for warm in (command, BASELINE):  # compiles modules, reads files into memory
            seconds(warm)
        pairs = [(seconds(command), seconds(BASELINE)) for _ in range(runs)]
        ours, theirs = (1000 * median(each) for each in zip(*pairs, strict=True))
        ratios = [one / other for one, other in pairs]
        mark = "" if median(ratios) <= MOST_WANTED_RATIO else f"   more than {MOST_WANTED_RATIO}"
        spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
        click.echo(f"{' '.join(words):<26}{ours:6.0f}{theirs:15.0f}{median(ratios):8.2f}   {spread}{mark}")


def seconds(command: list[str]) -> float:
    """The seconds of processor time of a command; on Windows, its elapsed time."""
    root = data_file("people.csv").parents[1]
    start, before = time.perf_counter(), _processor_seconds_of_children()
    subprocess.run(command, cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    spent = _processor_seconds_of_children() - before
    return spent or time.perf_counter() - start


def _processor_seconds_of_children() -> float:
    """Processor time, in seconds, of all processes that have ended; 0 on Windows."""
    if sys.platform == "win32":
        return 0.0
    import resource

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
