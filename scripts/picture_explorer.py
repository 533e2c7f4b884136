"""Take the picture of the page, in headless Chromium: results/explorer.png of results/explorer.html.

Needs Chromium, and the packages of the tests: pip install -e '.[test]'.
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

RESULTS = Path(__file__).parent.parent / "results"
VIEW = "#person=Colin&relation=aunt&sweep=1500&unit=person+code.1"


def main() -> None:
    """Open the page at a view that shows most of it, and save a picture."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("no Chromium here; Debian's package 'chromium' has one")
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1536, "height": 960})
        page.goto(f"{(RESULTS / 'explorer.html').as_uri()}{VIEW}")
        page.wait_for_function("familyTrees.now.sweep === 1500")
        page.screenshot(path=RESULTS / "explorer.png")
        browser.close()


if __name__ == "__main__":
    main()
