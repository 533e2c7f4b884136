"""Visits to pages in Chromium: what the tests of the page share."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
if os.environ.get("FAMILY_TREES_BROWSER") == "required" and CHROMIUM is None:
    raise RuntimeError("FAMILY_TREES_BROWSER says that the pages must be tested, and there is no Chromium")
browser_only = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; Debian's package 'chromium' has one")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        found = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


class Visit:
    """A page in the browser, and what went wrong or was asked for while it was open."""

    def __init__(
        self, browser: Any, path: Path, fragment: str = "", width: int = 1600, dark: bool = False, before: str = ""
    ) -> None:
        scheme = "dark" if dark else "light"
        self.context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        self.page = self.context.new_page()
        if before:  # a script that runs before those of the page
            self.page.add_init_script(before)
        self.problems: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.problems.append(message.text) if message.type == "error" else None)
        self.page.on("pageerror", lambda problem: self.problems.append(str(problem)))
        self.page.on("dialog", self.dialog)
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(f"{path.as_uri()}{fragment}")

    def dialog(self, dialog: Any) -> None:
        self.problems.append(dialog.message)
        dialog.dismiss()

    def __enter__(self) -> Visit:
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()

    def sound(self) -> bool:
        """Nothing went wrong, and nobody was asked: the worker is made from the page itself."""
        files = [url for url in self.requests if not url.startswith("blob:")]
        return not self.problems and all(url.startswith("file:") for url in files) and len(files) == 1

    def at(self, sweep: int) -> Any:
        """Show the network after a sweep, and wait for it."""
        self.page.evaluate(f"familyTrees.dispatch({{type: 'sweep', sweep: {sweep}}})")
        return self.shown(sweep)

    def shown(self, sweep: int) -> Any:
        """Wait until the network after a sweep is on the page."""
        self.page.wait_for_function(f"familyTrees.now.sweep === {sweep}")
        return self.page

    def tab(self, name: str) -> Any:
        self.page.click(f"#tab-{name}")
        return self.page.locator("#panel")


def found_by(axe: Any, page: Any) -> list[tuple[str, str]]:
    """What the checker of accessibility finds: the rule, and the first element that breaks it."""
    return [(each["id"], each["nodes"][0]["html"][:200]) for each in axe.run(page).response["violations"]]


def too_small(page: Any) -> list[str]:
    """Buttons, lists and links that are smaller than 24 pixels, and text smaller than 12 pixels."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll("button, select, input, a, summary, .unit, .name, .label, span, p")]
             .filter((each) => each.getClientRects().length && !each.closest(".unseen"))
             .filter((each) => {
               const { width, height } = each.getBoundingClientRect();
               const font = parseFloat(getComputedStyle(each).fontSize);
               const target = each.matches("button, select, input, a, summary, .unit");
               return (target && (width < 23.5 || height < 23.5)) || (each.textContent.trim() && font < 12);
             }).map((each) => each.outerHTML.slice(0, 150))"""
    )
    return found
