"""The site: every link leads somewhere, nothing is loaded from elsewhere, every number is that of the results."""

from __future__ import annotations

import base64
import json
import re
import struct
import sys
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from visiting import Visit, browser, browser_only, found_by  # noqa: F401 - a fixture

from family_trees.cli import COMMANDS, cli
from family_trees.cli.site import command_helps
from family_trees.models.saved import load
from family_trees.studies.paper.verdicts import claims_from_csv
from family_trees.support.data import data_file
from family_trees.support.errors import FamilyTreesError
from family_trees.views.site.build import checkout, write_site
from family_trees.views.site.citation import read_citation
from family_trees.views.site.documents import DOCUMENTS, GROUPS, STUDIES, pages_of, where
from family_trees.views.site.figure4 import STEPS, learning_figure
from family_trees.views.site.findings import findings
from family_trees.views.site.lessons import lesson_links
from family_trees.views.site.links import Links
from family_trees.views.site.notebooks import notebook_html, notebook_title

markdown_it = pytest.importorskip("markdown_it")

from family_trees.views.site.markdown import anchor, first_words, sections, to_html  # noqa: E402

ROOT = data_file("people.csv").parent.parent
STILL = "const asked = matchMedia; matchMedia = (q) => q.includes('reduced-motion') ? { matches: true } : asked(q)"
"""Who looks wants no motion."""

APPS = {"explorer.html", "report.html"}
"""Pages that are made elsewhere. What stands after # in links to the first is its state, no heading."""


class Page(HTMLParser):
    """What is on a page: links, what it loads, identifiers, pictures, headings, tags about itself."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.ids: list[str] = []
        self.images: list[Mapping[str, str | None]] = []
        self.headings: list[int] = []
        self.meta: dict[str, str] = {}
        self.first: list[str] = []
        """The elements of the main part in their order."""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = dict(attrs)
        if tag == "a":
            self.links.append(str(of["href"]))
        if tag == "link" and of["rel"] != "canonical":
            self.loads.append(str(of["href"]))
        if of.get("src"):
            self.loads.append(str(of["src"]))
        if "id" in of:
            self.ids.append(str(of["id"]))
        if tag == "img":
            self.images.append(of)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "meta" and "content" in of:
            self.meta[str(of.get("name") or of.get("property"))] = str(of["content"])
        if tag in ("main", "h1", "figure", "p", "blockquote", "table"):
            self.first.append(tag)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site")
    write_site(out, ROOT, command_helps())
    return out


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, Page]:
    return {path.name: Page(path.read_text(encoding="utf-8")) for path in sorted(site.glob("*.html"))}


def test_every_link_leads_somewhere(site: Path, pages: dict[str, Page]) -> None:
    for name, page in pages.items():
        for link in page.links:
            if link.startswith("https://"):
                continue
            file, _, heading = link.partition("#")
            target = file or name
            assert "/" not in target, (name, link)
            assert (site / target).is_file(), (name, link)
            if heading and target != "explorer.html":
                assert heading in pages[target].ids, (name, link)


def test_no_page_loads_anything_from_elsewhere(site: Path, pages: dict[str, Page]) -> None:
    for name, page in pages.items():
        for load_ in page.loads:
            assert load_.startswith("data:") or (site / load_).is_file(), (name, load_)
    assert "url(" not in (site / "style.css").read_text(encoding="utf-8")


def test_every_page_is_reached_from_the_first(pages: dict[str, Page]) -> None:
    reached, ahead = set[str](), ["index.html"]
    while ahead:
        name = ahead.pop()
        if name not in reached:
            reached.add(name)
            ahead += [link.partition("#")[0] for link in pages[name].links if link.partition("#")[0] in pages]
    assert reached == {*pages}


def test_every_page_says_what_it_is(pages: dict[str, Page]) -> None:
    titles = []
    for name, page in pages.items():
        assert 20 <= len(page.meta["description"]) <= 450, name
        assert page.meta["og:description"] == page.meta["description"]
        assert page.meta["og:image"].endswith(".png"), name
        titles.append(page.meta["og:title"])
        if name not in APPS:
            assert page.headings.count(1) == 1, name
            assert page.headings[0] in (1, 2), name
            assert len(page.ids) == len({*page.ids}), name
            assert all("alt" in image and image["width"] and image["height"] for image in page.images), name
    assert len({*titles}) >= len(titles) - 2  # two texts have a section of one name


def test_each_study_is_a_page_with_its_figure_first(pages: dict[str, Page]) -> None:
    text = (ROOT / "results/studies/README.md").read_text(encoding="utf-8")
    titles = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert len(titles) >= 9
    for title in titles:
        page = pages[f"studies-{anchor(title)}.html"]
        assert page.meta["og:title"] == title
        assert page.first[:3] == ["main", "h1", "figure"], title
        assert page.images[0]["alt"]


def test_a_list_of_studies_leads_to_texts_of_their_own(tmp_path: Path) -> None:
    """Its sections may be the studies, or say in a sentence what a text beside the list holds."""
    folder = tmp_path / "results/studies"
    folder.mkdir(parents=True)
    one, two = "It was found. [Figure and tables](one.md).", "All of it, or [more](two.md).\n\n[Figures](more.md)."
    text = f"# Studies\n\nIn front.\n\n## One\n\n{one}\n\n## Two\n\n{two}\n"
    (folder / "README.md").write_text(text, encoding="utf-8")
    (folder / "one.md").write_text("# One\n\n**Asked.** Why?\n\n## How\n\nSo.\n", encoding="utf-8")
    first, own, part = pages_of(tmp_path, STUDIES)
    assert (first.file, own.file, part.file) == ("studies.html", "studies-one.html", "studies-two.html")
    assert (own.document, own.description, own.shift) == ("results/studies/one.md", "It was found.", 0)
    assert (part.document, part.title, part.shift) == ("results/studies/README.md", "Two", 1)
    led = dict(where(own, STUDIES.path))
    assert led["results/studies/README.md#one"] == led["results/studies/one.md"] == "studies-one.html"
    assert led["results/studies/one.md#how"] == "studies-one.html#how"
    for name in ("two", "more"):
        (folder / f"{name}.md").write_text(f"# {name}\n\nMore figures.\n", encoding="utf-8")
    files = [page.file for page in pages_of(tmp_path, STUDIES)]
    assert files == ["studies.html", "studies-one.html", "studies-two.html", "studies-more.html"]
    (folder / "more.md").write_text("no title\n", encoding="utf-8")
    with pytest.raises(FamilyTreesError, match="has no title"):
        pages_of(tmp_path, STUDIES)


def test_every_document_is_a_page(pages: dict[str, Page]) -> None:
    """In one list, with the guides first."""
    there = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("family_trees/documents/*.md")}
    assert there < {document.path for document in DOCUMENTS}
    links = pages["documentation.html"].links
    assert {"students.html", "teachers.html", "engineers.html", "your-own-family.html", "readme-ko.html"} <= {*links}
    assert {document.group for document in DOCUMENTS} == {*GROUPS, STUDIES.group}


def test_the_first_page_has_its_parts(site: Path, pages: dict[str, Page]) -> None:
    page = pages["index.html"]
    assert {"explorer.html", "report.html", "studies.html", "documentation.html"} <= {*page.links}
    assert [f"explorer.html#{lesson.link}" for lesson in lesson_links()] == [
        link for link in page.links if "&lesson=" in link
    ]
    assert len(lesson_links()) == 5
    text = (site / "index.html").read_text(encoding="utf-8")
    assert text.count("<article>") == 4
    assert len(page.images) == 4
    assert read_citation(ROOT / "CITATION.cff").authors[0] in text


def test_every_command_is_told(site: Path, pages: dict[str, Page]) -> None:
    assert {*COMMANDS} <= {*pages["commands.html"].ids}
    text = (site / "commands.html").read_text(encoding="utf-8")
    assert text.count("Usage: family-trees ") == len(COMMANDS)


def test_numbers_of_the_findings_are_those_of_the_results() -> None:
    claims = claims_from_csv((ROOT / "results/claims.csv").read_text(encoding="utf-8"))
    numbers = json.loads((ROOT / "results/studies/numbers.json").read_text(encoding="utf-8"))
    told = {each.name: each for each in findings(claims, numbers, 10_000)}
    (f3,) = (row for row in claims if row.id == "F3")
    assert f"In {f3.value:.1%} ({f3.low:.1%} to {f3.high:.1%}) of these, one unit" in told["meaning"].text
    matrices, *_, network = numbers["successors"]["learners"]
    for learner in (matrices, network):
        share, low, high = learner["held_out_share_rank"]
        assert f"{share:.1%} ({low:.1%} to {high:.1%})" in told["successors"].text
    assert told["successors"].title == "Matrices with a penalty infer what the network of 1986 does not"
    # A conclusion falls with its condition.
    decides = numbers["successors"]["decides"]
    for alone in ("matrices without the penalty", "network of 1986, softmax answers, five times the decay"):
        enough = {**decides, alone: decides["matrices"]}
        other = {**numbers, "successors": {**numbers["successors"], "decides": enough}}
        assert "Matrices" not in {each.name: each for each in findings(claims, other, 10_000)}["successors"].title
    matrices["held_out_share_rank"] = network["held_out_share_rank"]
    numbers["printed-recipe"]["learned"] = 3
    weak = [row._replace(low=0.4) for row in claims]
    told = {each.name: each for each in findings(weak, numbers, 10_000)}
    assert "Matrices" not in told["successors"].title
    assert "learns nothing" not in told["recipe"].title
    assert told["meaning"].title.startswith("Some hidden units")
    del numbers["inferred"]
    with pytest.raises(KeyError, match="inferred"):
        findings(claims, numbers, 10_000)


def test_figure_4_is_that_of_the_model() -> None:
    model = load()
    figure = learning_figure(model)
    weights = next(w for c, w in model.weights.items() if c.above == "person code" and c.below == "person")[0]
    assert figure.sweeps[0] == 0
    assert figure.sweeps[-1] == model.recipe.sweeps
    assert figure.units[:3] == ("nationality", "generation", "branch")
    for number, sides in zip(figure.numbers, figure.sides[-1], strict=True):
        of = weights[:, number - 1]
        assert [side > 0 for side in sides if side] == [w > 0 for w, side in zip(of, sides, strict=True) if side]
        areas = [(side / STEPS) ** 2 for side in sides]
        scale = abs(model.trajectory.weights[next(c for c in model.weights if c.above == "person code")]).max()  # type: ignore[union-attr]
        assert areas == pytest.approx([abs(w) / scale for w in of], abs=0.02)


def test_the_same_checkout_gives_the_same_bytes(site: Path, tmp_path: Path) -> None:
    write_site(tmp_path / "again", ROOT, command_helps(), "https://example.org/trees")
    names = {path.name for path in site.iterdir()}
    assert names == {path.name for path in (tmp_path / "again").iterdir()}
    text = (tmp_path / "again/index.html").read_text(encoding="utf-8")
    assert 'content="https://example.org/trees/results-fig4-people.png"' in text
    there = re.sub(r'<meta property="og:url".*\n<link rel="canonical".*\n', "", text)
    assert there.replace("https://example.org/trees/", "") == (site / "index.html").read_text(encoding="utf-8")


def test_a_link_to_nowhere_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# A\n", encoding="utf-8")
    links = Links(tmp_path, {"README.md": "a.html", "README.md#b": "a.html#b"})
    assert links.resolve("README.md#b", "docs/c.md".partition("/")[2]) == "a.html#b"
    assert links.resolve("%52EADME.md#%62", "CHANGES.md") == "a.html#b"
    for link, told in (("gone.md", "gone.md"), ("../../etc", "etc"), ("README.md#c", "no heading for the link #c")):
        with pytest.raises(FamilyTreesError, match=told):
            links.resolve(link, "CHANGES.md")
    (tmp_path / "x.csv").write_text("a\n", encoding="utf-8")
    (tmp_path / "x.py").write_text("a\n", encoding="utf-8")
    assert links.resolve("x.csv", "README.md") == "x.csv"
    assert links.resolve("x.py", "README.md") == "source-x.py.html"
    assert (links.copies, links.sources) == ({"x.csv": "x.csv"}, {"x.py": "source-x.py.html"})


def test_markdown() -> None:
    text = "# T\n\nIn front. See `a`.\n\n## B & c\n\ntext\n\n```sh\n## no heading\n```\n\n### D\n\n## E\n\nend\n"
    parts = sections(text)
    assert [(part.title, part.headings) for part in parts] == [("", ()), ("B & c", (("d", "D"),)), ("E", ())]
    assert "## no heading" in parts[1].text
    assert "# T" not in parts[0].text
    assert first_words(parts[0].text, 5) == "In front."
    assert anchor("Where does it go?") == "where-does-it-go"
    html = to_html(
        "words [x](a.md)\n\n![an <i>](p.png)\n\n*The point.*\n\n<script>alert(1)</script>\n\n| a |\n| --- |\n| b |\n",
        lambda link: f"to-{link}",
        lambda _: (30, 20),
        figure_first=True,
    )
    assert html.startswith('<figure><a href="to-p.png"><img src="to-p.png" alt="an &lt;i&gt;" width="30" height="20">')
    assert "<figcaption>The point.</figcaption>" in html
    assert "<script>" not in html
    assert '<a href="to-a.md">x</a>' in html
    assert '<div class="wide" tabindex="0"' in html


def test_notebooks() -> None:
    text = (ROOT / "tests/notebook.ipynb").read_text(encoding="utf-8")
    assert "import family_trees as ft" in notebook_html(text, str, lambda _: (1, 1))
    head = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 30, 20)
    picture = base64.b64encode(head).decode()
    drawn = {"output_type": "display_data", "data": {"image/png": f"{picture}\n", "text/html": "<script>"}}
    printed = {"output_type": "stream", "text": ["a < b\n"]}
    cells = [
        {"cell_type": "markdown", "source": ["# Ten minutes\n", "\n", "Words."]},
        {"cell_type": "code", "source": "1 < 2", "outputs": [drawn, printed]},
    ]
    html = notebook_html(json.dumps({"cells": cells}), str, lambda _: (1, 1))
    assert notebook_title(json.dumps({"cells": cells}), "none") == "Ten minutes"
    assert f'src="data:image/png;base64,{picture}" width="30" height="20"' in html
    assert "<code>1 &lt; 2</code>" in html
    assert "<samp>a &lt; b\n</samp>" in html
    assert "<h1" not in html
    assert "<script>" not in html
    with pytest.raises(ValueError, match="no notebook"):
        notebook_html("{}", str, lambda _: (1, 1))


def test_a_missing_package_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "markdown_it", None)
    ran = CliRunner().invoke(cli, ["site", "--out", str(tmp_path / "out")])
    assert isinstance(ran.exception, FamilyTreesError)
    assert str(ran.exception) == "the site needs the package markdown-it-py: pip install -e '.[site]', in the checkout"
    assert not (tmp_path / "out").exists()


def test_an_installed_package_has_no_results(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    installed = tmp_path / "lib/family_trees/views/site/build.py"
    monkeypatch.setattr("family_trees.views.site.build.__file__", str(installed))
    with pytest.raises(FamilyTreesError, match="an installed package has neither") as refused:
        checkout()
    assert "\n" not in str(refused.value)


def test_bad_options_are_one_line(tmp_path: Path) -> None:
    ran = CliRunner().invoke(cli, ["site", "--out", str(tmp_path / "out"), "--url", "example.org"])
    assert ran.exit_code == 2
    assert "--url: give an address that begins with https://" in ran.output


def test_a_damaged_citation_is_told(tmp_path: Path) -> None:
    path = tmp_path / "CITATION.cff"
    path.write_text(
        'title: "A: b"\nauthors:\n  - family-names: Roe\n    given-names: Jo\nversion: 1\n', encoding="utf-8"
    )
    with pytest.raises(FamilyTreesError, match="date-released"):
        read_citation(path)
    path.write_text(path.read_text(encoding="utf-8") + "date-released: 2026-01-02\n", encoding="utf-8")
    assert read_citation(path).words == "Jo Roe (2026). A: b. Version 1, 2026-01-02."
    assert "author = {{Jo Roe}}" in read_citation(path).bibtex
    with pytest.raises(FamilyTreesError, match="names no authors"):
        read_citation(tmp_path / "none.cff")


@browser_only
@pytest.mark.parametrize(("width", "dark"), [(360, True), (1280, False)])
def test_pages_in_a_browser(browser: Any, site: Path, width: int, dark: bool) -> None:  # noqa: F811
    """On a phone and at a desk: nothing is asked of a server, nothing sticks out, and screen readers find their way."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    for name in (
        "index",
        "studies",
        "studies-the-successors",
        "documentation",
        "commands",
        "readme",
        "readme-ko",
        "method",
    ):
        with Visit(browser, site / f"{name}.html", width=width, dark=dark, before=STILL) as visit:
            assert visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
            assert visit.problems == []
            assert all(url.startswith(("file:", "data:")) for url in visit.requests)
            assert found_by(axe, visit.page) == [], name


@browser_only
def test_figure_4_learns(browser: Any, site: Path) -> None:  # noqa: F811
    with Visit(browser, site / "index.html", before=STILL) as visit:
        assert visit.page.inner_text("#sweep") == "after 1,500 sweeps"
        visit.page.click("#again")
        visit.page.wait_for_function("document.getElementById('sweep').textContent === 'after 0 sweeps'")
        visit.page.wait_for_function("document.getElementById('sweep').textContent !== 'after 0 sweeps'")
        assert visit.problems == []


@browser_only
def test_the_doors_lead_back(browser: Any, site: Path) -> None:  # noqa: F811
    """The page that learns and the report have the links of the site, and still work."""
    for name in sorted(APPS):
        with Visit(browser, site / name) as visit:
            visit.page.click(".site-strip >> text=family-trees")
            assert visit.page.url.endswith("/index.html")
            assert visit.problems == []
