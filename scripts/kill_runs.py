"""Kill runs of study, reproduce and train at random moments, damage their pieces, resume them, and compare all bytes.

python scripts/kill_runs.py                200 kills: about ten minutes on two cores
python scripts/kill_runs.py --kills 20     fewer

Each command first runs undisturbed. Then it is run again and again in a directory of its own, and killed (SIGKILL) at a
random moment. Between two runs, one of the pieces may be emptied, cut, altered, removed or swapped with another. A run
that comes to its end must have written the very bytes of the undisturbed one. It then begins anew. What a killed
`train` leaves at the path of its model must be whole: the older file or the new one.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import click

STUDY = """title = "killed"
splits = 192
checkpoints = [30]
[[recipes]]
sweeps = 60
[[recipes]]
base = "larger-steps"
sweeps = 60
"""
OLD_MODEL = b"an older file"


@dataclass
class Command:
    """A command that is killed again and again."""

    name: str
    words: Sequence[str]
    """What is typed; {out} is the directory of the run."""
    pieces: str
    """The folder of the pieces in the directory of the run; empty for a command that keeps none."""
    share: int
    """Of 20 kills, how many meet this command."""
    expected: dict[str, bytes] = field(default_factory=dict)
    """What the undisturbed run wrote: the bytes of each file by its path."""
    seconds: float = 0.0
    """How long the undisturbed run took."""


COMMANDS = (
    Command("study", ("study", "{out}/../killed.toml", "--out", "{out}", "--resume", "--workers", "2"), "blocks", 10),
    Command(
        "reproduce",
        ("reproduce", "--networks", "2", "--out", "{out}", "--resume", "--workers", "2"),
        ".unfinished",
        3,
    ),
    Command("train", ("train", "--sweeps", "300", "--out", "{out}/model.npz"), "", 7),
)


def files_in(directory: Path) -> dict[str, bytes]:
    """The bytes of all files of a directory by their paths."""
    paths = (path for path in directory.rglob("*") if path.is_file())
    return {str(path.relative_to(directory)): path.read_bytes() for path in sorted(paths)}


@contextmanager
def running(command: Command, out: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The command at work in the directory `out`; what it says is kept beside it."""
    words = [word.format(out=out) for word in command.words]
    with (
        out.with_suffix(".log").open("wb") as log,
        subprocess.Popen(
            [sys.executable, "-m", "family_trees", *words], stdout=subprocess.DEVNULL, stderr=log
        ) as child,
    ):
        yield child


def kill_at(command: Command, out: Path, draw: random.Random) -> int | None:
    """Run the command and kill it at a random moment.

    Half of the moments are drawn from the whole time of a run. The others come just after a random number of pieces has
    been written, so that many fall where tables are put together and pieces removed.

    Returns:
        The exit status of a run that ended before its moment came; None if it was killed.
    """
    pieces = out / command.pieces
    total = command.seconds
    latest = time.monotonic() + 60 + 20 * total
    if not command.pieces or draw.random() < 0.5:
        moment, enough = time.monotonic() + draw.uniform(0, total), 0
    else:
        moment, enough = time.monotonic(), len(list(pieces.glob("*.piece"))) + draw.choice((1, 2, 4, 99))
    seen = False
    with running(command, out) as child:
        while child.poll() is None:
            now = time.monotonic()
            if now > latest:
                child.kill()
                raise click.ClickException(f"{command.name}: a run hangs")
            if enough:
                seen = seen or pieces.exists()
                # The 99th piece is never written: then the moment comes when the pieces go.
                if len(list(pieces.glob("*.piece"))) >= enough or (seen and not pieces.exists()):
                    moment, enough = now + draw.uniform(0, 0.05), 0
            elif now >= moment:
                child.send_signal(signal.SIGKILL)
                child.wait()
                break
            time.sleep(0.002)
        return None if child.returncode == -signal.SIGKILL else child.returncode


def damage(pieces: Path, draw: random.Random) -> str:
    """Damage a piece, if there is one; say how."""
    paths = sorted(pieces.glob("*.piece"))
    if not paths:
        return ""
    path, other = draw.choice(paths), draw.choice(paths)
    raw = path.read_bytes()
    kind = draw.choice(("emptied", "cut", "altered", "removed", "swapped"))
    if kind == "removed":
        path.unlink()
    elif kind == "swapped":
        path.write_bytes(other.read_bytes())
        other.write_bytes(raw)
    else:
        place = draw.randrange(len(raw)) if raw else 0
        flipped = raw[:place] + bytes(byte ^ 1 for byte in raw[place : place + 1]) + raw[place + 1 :]
        path.write_bytes({"emptied": b"", "cut": raw[: len(raw) // 2], "altered": flipped}[kind])
    return kind


def wrong_files(found: dict[str, bytes], expected: dict[str, bytes]) -> list[str]:
    """The names of the files that are missing, too many, or have other bytes."""
    return sorted(name for name in found.keys() | expected.keys() if found.get(name) != expected.get(name))


def undisturbed(command: Command, out: Path) -> None:
    """Run the command once, and keep what it writes, and its time."""
    out.mkdir()
    start = time.monotonic()
    with running(command, out) as child:
        child.wait()
    if child.returncode:
        raise click.ClickException(f"{command.name}: {out.with_suffix('.log').read_text()}")
    command.seconds = time.monotonic() - start
    command.expected = files_in(out)


def begin_anew(command: Command, out: Path) -> None:
    """Empty the directory. For a command without pieces, leave an older file where the new one goes."""
    for path in sorted(out.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    if not command.pieces:
        (out / "model.npz").write_bytes(OLD_MODEL)


def wrong_after_kill(command: Command, out: Path) -> list[str]:
    """Which files of a killed `train` are neither the older ones nor the new ones. Its temporary files do not count."""
    if command.pieces:
        return []
    found = {name: raw for name, raw in files_in(out).items() if not name.startswith(".")}
    return [] if found in ({"model.npz": OLD_MODEL}, command.expected) else wrong_files(found, command.expected)


@click.command()
@click.option("--kills", default=200, show_default=True, help="How many runs to kill.")
@click.option("--seed", default=0, show_default=True, help="Seed of the moments and of the damage.")
@click.option("--seconds", type=float, help="Stop after this time, with fewer kills.")
def main(kills: int, seed: int, seconds: float | None) -> None:
    """Kill runs, damage pieces, resume, compare; the exit status is 1 if any byte is wrong."""
    if os.name != "posix":
        raise click.ClickException("SIGKILL is a POSIX matter")
    draw = random.Random(seed)  # noqa: S311
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "killed.toml").write_text(STUDY, encoding="utf-8")
        for command in COMMANDS:
            undisturbed(command, Path(folder) / f"whole-{command.name}")
            out = Path(folder) / command.name
            out.mkdir()
            begin_anew(command, out)

        def finish(command: Command, status: int) -> None:
            """Judge a run that came to its end."""
            out = Path(folder) / command.name
            faults = wrong_files(
                {name: raw for name, raw in files_in(out).items() if command.pieces or not name.startswith(".")},
                command.expected,
            )
            counts[f"{command.name}: whole runs compared"] += 1
            if status or faults:
                said = out.with_suffix(".log").read_text(errors="replace").strip()[-300:]
                wrong.append(f"{command.name}: exit status {status}, wrong: {', '.join(faults) or 'none'}; {said}")
            begin_anew(command, out)

        done = 0
        while done < kills and (seconds is None or time.monotonic() < start + seconds):
            command = draw.choices(COMMANDS, [each.share for each in COMMANDS])[0]
            out = Path(folder) / command.name
            status = kill_at(command, out, draw)
            if status is not None:
                finish(command, status)
                continue
            done += 1
            pieces = len(list((out / command.pieces).glob("*.piece"))) if command.pieces else 0
            counts[f"{command.name}: killed" + (", with pieces kept" if pieces else "")] += 1
            wrong += [f"{command.name}: half a file after a kill: {name}" for name in wrong_after_kill(command, out)]
            if command.pieces and draw.random() < 0.5 and (kind := damage(out / command.pieces, draw)):
                counts[f"{command.name}: pieces {kind}"] += 1
        for command in COMMANDS:
            out = Path(folder) / command.name
            with running(command, out) as child:
                child.wait()
            finish(command, child.returncode)
    for name, count in sorted(counts.items()):
        click.echo(f"{count:6,}  {name}")
    click.echo(f"{done:6,}  kills in {time.monotonic() - start:.0f} seconds; {len(wrong)} with wrong bytes")
    for line in wrong:
        click.echo(line, err=True)
    if wrong:
        sys.exit(1)


if __name__ == "__main__":
    main()
