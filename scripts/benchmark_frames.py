"""How fast does the page draw and answer? Times of frames while it trains, and of clicks, in headless Chromium.

    pip install -e '.[test]'
    python scripts/benchmark_frames.py [--page results/explorer.html] [--width 1280]

Prints the milliseconds of script in a frame, for each tab, while the page plays a training; and the milliseconds from
a click to the end of the frame that shows it. Half of the times are below the first number, 95 of 100 below the second.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from statistics import quantiles

import click

RESULTS = Path(__file__).parent.parent / "results"

FRAMES = """async (tab) => {
  const frame = () => new Promise((done) => requestAnimationFrame(done)), times = [];
  familyTrees.dispatch({ type: "set", patch: { tab } });
  for (let sweep = 0; sweep < 1500; sweep += 10) {
    familyTrees.dispatch({ type: "advance", sweep, last: false });
    await frame();
    await frame();
    times.push(familyTrees.session.frameMs);
  }
  familyTrees.dispatch({ type: "pause" });
  return times.slice(5);
}"""
"""Shows moment after moment, as the page does while it plays; gives the milliseconds of drawing each."""

CLICKS = """async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(done)), times = [];
  for (const button of document.querySelectorAll(".person, #relations button, #figure button")) {
    await frame();
    const begun = performance.now();
    button.click();
    await frame();
    times.push(performance.now() - begun);
  }
  return times;
}"""
"""Clicks people, relations and units; gives the milliseconds until the frame after each."""

TABS = ("meaning", "equations", "whatif", "facts", "window", "successor", "family", "keep")


@click.command()
@click.option("--page", default=RESULTS / "explorer.html", show_default=True, type=click.Path(path_type=Path))
@click.option("--width", default=1280, show_default=True, help="The width of the window, in pixels.")
def main(page: Path, width: int) -> None:
    """Time frames and clicks, and print a table."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("no Chromium here; Debian's package 'chromium' has one")
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        opened = browser.new_page(viewport={"width": width, "height": 800})
        opened.goto(f"{page.resolve().as_uri()}#sweep=1500")
        opened.wait_for_function("familyTrees.now.sweep === 1500")
        click.echo(f"Chromium {browser.version}, {width} pixels wide; milliseconds\n")
        click.echo(f"{'':28} {'half':>6} {'95 of 100':>10}")
        for tab in TABS:
            tell(f"frame, tab {tab}", opened.evaluate(FRAMES, tab))
        tell("click", opened.evaluate(CLICKS))
        browser.close()


def tell(what: str, times: list[float]) -> None:
    """One line of the table."""
    cuts = quantiles(times, n=20)
    click.echo(f"{what:28} {cuts[9]:6.1f} {cuts[18]:10.1f}")


if __name__ == "__main__":
    main()
