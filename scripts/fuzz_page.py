"""Test the page with made-up links and made-up data: it shows a view that exists, or says that it cannot be read.

python scripts/fuzz_page.py --links 20000 --data 1000        needs Chromium and Playwright

`scripts/fuzz_readers.py` does the same with files.
"""

import json
import random
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from family_trees.engine.recipe import DEFAULT
from family_trees.families.of_1986 import family_trees_task
from family_trees.models.training import train
from family_trees.views.explorer.page import explorer_page

KEYS = (
    *("person", "relation", "sweep", "unit", "weight", "off", "flip", "lang", "constructor", "__proto__", ""),
    *("network", "seed", "recipe", "epsilon", "range", "decay", "margin", "alpha", "held", "out", "swap", "tab"),
    *("flow", "speed", "pass", "tour", "lesson", "hide", "step", "twenty", "family"),
)
PIECES = (
    *("Colin", "Sophia", "aunt", "central", "person code", "answer", "person", "bias", "constructor", "__proto__"),
    *(
        "toString",
        "0",
        "1",
        "5",
        "-1",
        "99",
        "03",
        "1e3",
        "NaN",
        "1.5",
        "en",
        "ko",
        "published",
        "whatif",
        "5-11.3-2",
        ".",
        "..",
        "<b>",
        "</script>",
        "",
    ),
    *("javascript:window.ran=1", "%", "%ff", "\u202e", "\u0000", "x" * 3000, "&", "#", "=", "+"),
)
VALUES: tuple[Any, ...] = (
    *(None, True, 0, -1, 1.5, 1e308, 10**12, "", "x", "constructor", "<img src=x onerror=window.ran=1>", [], {}, [[]]),
    *([None], {"length": 10**9}, "A" * 1000, [0, 0, [0]], {"__proto__": 1}),
)
UNLIMITED = ("--disable-ipc-flooding-protection",)
"""Without this, Chromium follows at most 200 links in ten seconds, and drops the others."""


TRY_LINKS = """async (links) => {
  const failed = [];
  const { data, net } = familyTrees;
  const unit = (u) => !u || (Object.hasOwn(net.layer, u[0]) && u[1] >= 0 && u[1] < net.layer[u[0]].units);
  for (const [number, link] of links.entries()) {
    const problems = [];
    window.onerror = (message) => { problems.push(message); };
    const taken = new Promise((done) => {
      addEventListener("hashchange", () => done(true), { once: true });
      setTimeout(() => done(false), 5000);
    });
    location.replace(`${link}&number=${number}`);
    if (!(await taken)) problems.push("the browser did not follow the link");
    const { view } = familyTrees;
    if (!data.people[view.person] || !data.relations[view.relation]) problems.push("nobody is asked about");
    if (!(view.sweep >= 0 && view.sweep <= familyTrees.session.lab.last)) problems.push("no such sweep");
    if (!unit(view.unit)) problems.push("no such unit");
    if (!["en", "ko"].includes(view.lang)) problems.push("no such language");
    if (!document.getElementById("answer").textContent.includes(data.people[view.person])) problems.push("no answer");
    if (problems.length) failed.push([link, problems.join("; ")]);
  }
  return failed;
}"""
"""Give the page link after link; returns those that it does not stand, and why."""


def made_up_link(draw: random.Random) -> str:
    """The fragment of a link: keys that the page knows, or not, with values that it knows, or not."""
    parts = []
    for _ in range(draw.randrange(7)):
        words = draw.choices(PIECES, k=draw.randrange(1, 5))
        value = draw.choice(("", ".", ".", " ")).join(words)
        parts.append(f"{draw.choice(KEYS)}={quote(value) if draw.random() < 0.8 else value}")
    return "#" + "&".join(parts)


def with_made_up_data(draw: random.Random, page: str) -> str:
    """The page with one to three values of its data replaced or lost, or with a part of the text of its data cut."""
    found = re.search(r'(<script type="application/json" id="data">)(.*?)(</script>)', page, re.DOTALL)
    assert found is not None  # noqa: S101
    if draw.random() < 0.2:
        start = draw.randrange(len(found[2]))
        text = found[2][:start] + found[2][start + draw.randrange(1, 2000) :]
    else:
        data = json.loads(found[2])
        for _ in range(draw.randrange(1, 4)):
            _change(draw, data)
        text = json.dumps(data).replace("<", "\\u003c")
    return page[: found.start(2)] + text + page[found.end(2) :]


def _change(draw: random.Random, node: Any) -> None:
    """Replace or remove one value somewhere below `node`, a list or an object that is not empty."""
    while True:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        key = draw.choice(keys)
        if isinstance(node[key], dict | list) and node[key] and draw.random() < 0.7:
            node = node[key]
            continue
        if draw.random() < 0.2:
            del node[key]
        else:
            node[key] = draw.choice(VALUES)
        return


@contextmanager
def opened() -> Iterator[Any]:
    """Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("google-chrome"), args=["--no-sandbox", *UNLIMITED]
        )
        yield browser
        browser.close()


def small_page() -> str:
    """The page of a network that was trained for a moment."""
    model = train(family_trees_task(), replace(DEFAULT, sweeps=2), held_out=4, trajectory=True).model(0)
    return explorer_page(model, recorded=True)


def try_links(browser: Any, path: Path, count: int, draw: random.Random) -> list[str]:
    """The links of `count` that the page does not stand, each with why."""
    page = browser.new_page()
    page.goto(path.as_uri())
    return [f"{link}: {why}" for link, why in page.evaluate(TRY_LINKS, [made_up_link(draw) for _ in range(count)])]


def try_data(browser: Any, path: Path, content: str) -> tuple[str, str]:
    """Whether the page with the data of `content` was shown or refused; and what went wrong, if anything."""
    from playwright.sync_api import TimeoutError as TooSlowError

    path.write_text(content, encoding="utf-8")
    problems: list[str] = []
    requests: list[str] = []
    with browser.new_page() as page:
        page.on("pageerror", lambda problem: problems.append(str(problem)))
        page.on("request", lambda each: None if each.url.startswith("blob:") else requests.append(each.url))
        try:
            page.goto(path.as_uri(), timeout=10_000)
        except TooSlowError:
            return "failed", "more than 10 seconds"
        refused = page.is_visible("#failure")
        if page.evaluate("window.ran") is not None:
            problems.append("a script of the data ran")
        if len(requests) != 1:
            problems.append(f"asked for {requests}")
        if refused == page.is_visible("#page"):
            problems.append("neither the page nor its word of failure, or both")
    return "refused" if refused else "read", "; ".join(problems)


@click.command()
@click.option("--links", default=20_000, show_default=True, help="How many links.")
@click.option("--data", default=1_000, show_default=True, help="How many pages with other data.")
@click.option("--seed", default=0, show_default=True, help="Seed of all random numbers.")
def main(links: int, data: int, seed: int) -> None:
    """Test the page with made-up links and data."""
    failed = []
    ends: Counter[str] = Counter()
    slowest = 0.0
    sound = small_page()
    with tempfile.TemporaryDirectory() as directory, opened() as browser:
        path = Path(directory) / "page.html"
        path.write_text(sound, encoding="utf-8")
        failed += try_links(browser, path, links, random.Random(f"{seed}, links"))  # noqa: S311
        for number in range(data):
            start = time.perf_counter()
            end, problem = try_data(
                browser,
                path,
                with_made_up_data(random.Random(f"{seed}, data, {number}"), sound),  # noqa: S311
            )
            slowest = max(slowest, time.perf_counter() - start)
            ends[end] += 1
            if problem:
                failed.append(f"data {number} of seed {seed}: {problem}")
    for each in failed[:20]:
        click.echo(each[:300], err=True)
    click.echo(f"{links:,} links and {data:,} pages with other data: {len(failed)} failed")
    click.echo(f"{ends['read']:,} pages were read and {ends['refused']:,} refused, the slowest in {slowest:.1f} s")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
