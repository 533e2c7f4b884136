"""A small reproduction end to end: every file, the page as a browser and a screen reader meet it."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from family_trees.engine.recipe import DEFAULT
from family_trees.models.saved import load
from family_trees.studies.paper.jobs import FULL_SIZE, QUICK_SIZE, ReproductionSize, Tables, scaled_size
from family_trees.studies.paper.reproduction import ALL_EXPERIMENTS, ReproductionProgress, read_tables
from family_trees.studies.paper.verdicts import claims_text, committed_rows
from family_trees.support.data import data_file
from family_trees.views.report.found import SHOWN_OF, prose
from family_trees.views.report.page import ReportPart, ReportTable, page
from family_trees.views.report.reproduce import command_of, found, reproduce, write
from family_trees.views.report.symmetry import symmetry_numbers

ROOT = data_file("people.csv").parent.parent
SMALL = ReproductionSize(learning=4, units=9, symmetry=8, symmetry_sweeps=1500, iterative=1, seed=4)
FIGURES = {
    *("fig1-symmetry", "symmetry-solved", "fig2-trees", "fig3-activities", "learning-curves", "fig4-people"),
    *("fig4-relations", "units", "code-by-sweep", "emergence", "people", "similarity", "nearness", "usefulness"),
    *("fig5-iterative", "iterative"),
}


class Page(HTMLParser):
    """What is on a page: elements that are open, images, what it would load, links, identifiers, texts."""

    void = frozenset(("meta", "img", "br", "link", "hr", "input"))

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.images: list[Mapping[str, str | None]] = []
        self.loads: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.texts: list[str] = []
        self.headings: list[int] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = dict(attrs)
        assert tag not in ("script", "iframe", "object", "base")
        if tag not in self.void:
            self.open.append(tag)
        if tag == "img":
            self.images.append(of)
        self.loads += [value for name, value in attrs if value and name in ("src", "srcset", "data", "poster")]
        self.links += [str(of["href"])] if "href" in of else []
        self.ids += [str(of["id"])] if "id" in of else []
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def read(path: Path) -> Page:
    parsed = Page()
    parsed.feed(path.read_text(encoding="utf-8"))
    parsed.close()
    return parsed


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("made")
    seen: list[ReproductionProgress] = []
    rows = reproduce(directory, SMALL, report=seen.append)
    assert len(rows) == 10
    assert seen[-1].done == pytest.approx(seen[-1].total)
    return directory


def test_files(made: Path) -> None:
    names = {path.name for path in made.iterdir()}
    assert names == {"tables", "claims.csv", "claims.md", "report.html", *(f"{name}.png" for name in FIGURES)}


@pytest.mark.parametrize("which", ["made", "committed"])
def test_the_page_is_whole_and_loads_nothing(made: Path, which: str) -> None:
    path = made / "report.html" if which == "made" else ROOT / "results" / "report.html"
    parsed = read(path)
    assert not parsed.open
    assert all(each.startswith("data:image/png;base64,") for each in parsed.loads)
    assert "url(" not in path.read_text(encoding="utf-8").split("</style>")[0]
    assert len(parsed.images) == len(FIGURES)
    assert all(len(image["alt"] or "") > 40 and image["width"] and image["height"] for image in parsed.images)
    assert len(set(parsed.ids)) == len(parsed.ids)
    assert {link.removeprefix("#") for link in parsed.links} <= set(parsed.ids)
    assert all(link.startswith("#") for link in parsed.links)
    assert parsed.headings[0] == 1
    assert all(after <= before + 1 for before, after in zip(parsed.headings, parsed.headings[1:], strict=False))
    told = " ".join(" ".join(parsed.texts).split())
    for word in ("nan%", "nan ", "None", "{{", "inf%"):
        assert word not in told
    assert path.stat().st_size < 4_000_000


def test_the_page_tells_every_claim(made: Path) -> None:
    parsed = read(made / "report.html")
    assert {f"claim-{row.id}" for row in committed_rows()} <= set(parsed.ids)
    with (made / "claims.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    told = "".join(parsed.texts)
    for row in rows:
        assert row["measure"] in told
        assert row["rule"] in told
    assert command_of(SMALL) in told


@pytest.mark.slow
def test_the_same_bytes_again_from_the_tables(made: Path, tmp_path: Path) -> None:
    tables: dict[str, Tables] = {name: read_tables(made / "tables" / name) for name in ALL_EXPERIMENTS}
    write(found(SMALL, tables), tmp_path)  # type: ignore[arg-type]
    for path in sorted(tmp_path.iterdir()):
        assert path.read_bytes() == (made / path.name).read_bytes(), path.name


def test_what_a_text_says_cannot_become_part_of_the_page() -> None:
    part = ReportPart("one", "<script>", ("`<b>` & co",), (ReportTable("<i>", ("<u>",), (("<s>", "`<q>`"),)),))
    text = page("<x>", "`<y>`", [], [part], "<z>")
    for tag in ("<script>", "<b>", "<i>", "<u>", "<s>", "<q>", "<x>", "<y>", "<z>"):
        assert tag not in text.split("</style>")[1]
    assert "<code>&lt;b&gt;</code> &amp; co" in text


def test_conclusions_go_with_their_conditions(made: Path) -> None:
    tables: dict[str, Tables] = {name: read_tables(made / "tables" / name) for name in ALL_EXPERIMENTS}
    numbers = {"networks": 8, **symmetry_numbers(tables["symmetry"], 1500)}
    stuck = {"stuck": 20, "dark": 20, "share_dark": 1.0, "error_dark": 4.0, "error_dark_near": True, "share_freed": 0.0}
    poor = {"poor": 2, "poor_of_two": 2, "poor_rare": True, "poor_least_right": 56, "poor_most_right": 56}
    whole = numbers | stuck | poor | {"poor_least_error": 1.0, "poor_most_error": 1.5, "more_units_worse": True}
    for condition, sentence in (
        ({"share_dark": 0.5}, "onto a plateau"),
        ({"more_units_worse": False}, "more hidden units do worse"),
        ({"poor_rare": False}, "They are rare here, too."),
        ({"poor_of_two": 0}, "just enough connections"),
        ({"solutions": 0}, "have this form"),
    ):
        assert sentence in prose("symmetry", whole | {"solutions": 5})("text")
        assert sentence not in prose("symmetry", whole | {"solutions": 5} | condition)("text")


def test_what_the_page_says_of_the_studies_is_what_they_found() -> None:
    """Ten initial ranges, none of which learns; and held-out cases that are inferred better after more sweeps."""
    studies = ROOT / "results" / "studies"
    ranges = pd.read_csv(studies / "published-ranges.csv")
    assert ranges["recipe"].nunique() == 10
    assert (ranges["share_learned"] == 0).all()
    held_out = pd.read_csv(studies / "held-out.csv")
    own = held_out[held_out["recipe"] == DEFAULT.name].sort_values("sweep")["held_out_share"]
    assert own.is_monotonic_increasing


def test_commands() -> None:
    assert command_of(QUICK_SIZE) == "family-trees reproduce"
    assert command_of(FULL_SIZE) == "family-trees reproduce --full"
    assert command_of(scaled_size(200, seed=3)) == "family-trees reproduce --networks 200 --seed 3"


def test_summary_fits_a_terminal() -> None:
    for in_full in (False, True):
        text = claims_text(committed_rows(), in_full=in_full)
        assert max(map(len, text.splitlines())) <= 80
        assert all(f"{row.id}  {row.verdict.upper()}" in text for row in committed_rows())


@pytest.mark.committed
def test_committed_results_belong_together() -> None:
    """Page, tables, and the model that ships are of one run."""
    tables = {name: read_tables(ROOT / "results" / "tables" / name) for name in ALL_EXPERIMENTS}
    networks = tables["learning"]["networks"]
    default = networks[(networks["recipe"] == DEFAULT.name) & (networks["network"] < SHOWN_OF)]
    best = default.sort_values("squared_error").iloc[0]
    shipped = load()
    assert (shipped.number, shipped.seed) == (best["network"], best["seed"])
    assert "; ".join(map(str, shipped.held_out)) == best["held_out"]
    assert f"{shipped.curve.squared_error[0, -1]:.4f}" == f"{best['squared_error']:.4f}"
    assert len(networks) == 2 * FULL_SIZE.learning
    assert int(tables["units"]["networks"]["learned"].sum()) >= 200
    sizes = tables["symmetry"]["networks"].groupby(["task", "epsilon", "hidden"]).size()
    assert set(sizes) == {FULL_SIZE.symmetry}
    assert set(tables["iterative"]["steps"]["networks"]) == {FULL_SIZE.iterative}


@pytest.mark.committed
@pytest.mark.slow
def test_committed_page_is_written_from_the_committed_tables(tmp_path: Path) -> None:
    """Its words, with the network that ships; its pictures may differ in a pixel with another version of matplotlib."""
    tables = {name: read_tables(ROOT / "results" / "tables" / name) for name in ALL_EXPERIMENTS}
    write(found(FULL_SIZE, tables), tmp_path)

    def words(path: Path) -> str:
        return re.sub(r'src="[^"]*" width="\d+" height="\d+"', "", path.read_text(encoding="utf-8"))

    assert words(tmp_path / "report.html") == words(ROOT / "results" / "report.html")
