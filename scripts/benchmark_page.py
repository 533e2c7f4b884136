"""How fast does the page train? A sweep of the network of 1986 in Node and in Chromium, on one core.

    pip install -e '.[test]'
    python scripts/benchmark_page.py [--sweeps 1500] [--repeats 5]

Trains network 17 of seed 0 with the modules of the page. It prints microseconds a sweep of the first training, in which
the browser still compiles, and of the best. It also says whether the weights are those of the Python package. What is
not installed is left out.
"""

from __future__ import annotations

import json
import platform
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import click

from family_trees.engine.recipe import find_recipe
from family_trees.families.of_1986 import family_trees_task
from family_trees.models.training import train
from family_trees.views.explorer.page import ENGINE_MODULES, joined_modules
from family_trees.views.explorer.page_data import page_data

NUMBER = 17

TIMED = """({ layers, recipe, cases, heldOut, seed, network, people, relations }, repeats) => {
  const net = makeNetwork(layers);
  const hot = (size, on) => Array.from({ length: size }, (_, k) => (on.includes(k) ? 1 : 0));
  const all = cases.map(([person, relation, answers], k) => ({
    inputs: { person: hot(people.length, [person]), relation: hot(relations.length, [relation]) },
    desired: hot(people.length, answers), heldOut: heldOut.includes(k),
  }));
  const found = { fingerprint: "", micros: [] };
  for (let k = 0; k < repeats; k++) {
    const begun = performance.now();
    const trainer = makeTrainer(net, recipe, all, { seed, number: network }).trainTo(recipe.sweeps);
    found.micros.push((performance.now() - begun) * 1000 / recipe.sweeps);
    found.fingerprint = trainer.fingerprint();
  }
  return JSON.stringify(found);
}"""
"""Trains a network some times, and gives the microseconds a sweep of each time."""


def in_node(node: str, data: str, repeats: int) -> tuple[str, str]:
    """The version of Node, and what `TIMED` gives there."""
    program = f"{joined_modules(ENGINE_MODULES)}\nconsole.log(({TIMED})({data}, {repeats}));"
    command = [node, "--input-type=module", "-"]
    done = subprocess.run(command, input=program, capture_output=True, text=True, encoding="utf-8", check=True)
    version = subprocess.run([node, "--version"], capture_output=True, text=True, encoding="utf-8", check=True)
    return version.stdout.strip(), done.stdout


def in_chromium(chromium: str, data: str, repeats: int) -> tuple[str, str]:
    """The version of Chromium, and what `TIMED` gives there."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        found = page.evaluate(f"() => {{{joined_modules(ENGINE_MODULES)}\nreturn ({TIMED})({data}, {repeats});}}")
        version = browser.version
        browser.close()
    return version, str(found)


@click.command()
@click.option("--recipe", "name", default="larger-steps", show_default=True, help="The recipe.")
@click.option("--sweeps", default=1500, show_default=True, help="Sweeps of each training.")
@click.option("--repeats", default=5, show_default=True, help="Trainings. The best counts.")
def main(name: str, sweeps: int, repeats: int) -> None:
    """Time a sweep of the page's engine in Node and in Chromium, and print a table."""
    model = train(family_trees_task(), replace(find_recipe(name), sweeps=sweeps), first=NUMBER).model(0)
    data = json.dumps(page_data(model))
    places: dict[str, tuple[str | None, Callable[[str, str, int], tuple[str, str]]]] = {
        "Node": (shutil.which("node"), in_node),
        "Chromium": (shutil.which("chromium") or shutil.which("google-chrome"), in_chromium),
    }
    click.echo(f"{platform.machine()}; network {NUMBER}, {name}, {sweeps} sweeps; microseconds a sweep\n")
    click.echo(f"{'':22} {'first':>7} {'best':>7}  weights")
    for place, (program, time_in) in places.items():
        if program is None:
            click.echo(f"{place:22} not installed")
            continue
        version, text = time_in(program, data, repeats)
        found: dict[str, Any] = json.loads(text)
        same = "those of the package" if found["fingerprint"] == model.fingerprint else "OTHERS than the package's"
        micros = found["micros"]
        click.echo(f"{f'{place} {version}':22} {micros[0]:7.0f} {min(micros):7.0f}  {same}")


if __name__ == "__main__":
    main()
