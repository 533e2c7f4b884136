"""A small reproduction end to end: every file, the page as a browser and a screen reader meet it."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from family_trees.cli import cli
from family_trees.engine.recipe import DEFAULT
from family_trees.models.saved import load
from family_trees.studies.paper.jobs import FULL_SIZE, QUICK_SIZE, ReproductionSize, Tables, scaled_size
from family_trees.studies.paper.reproduction import ALL_EXPERIMENTS, ReproductionProgress, read_tables
from family_trees.studies.paper.rules import near_equivalents, tells_generation_and_branch, tells_nations
from family_trees.studies.paper.verdicts import claims_text, committed_rows
from family_trees.support.data import data_file
from family_trees.support.errors import FamilyTreesError
from family_trees.version import VERSION
from family_trees.views.report.article import article, front
from family_trees.views.report.found import SHOWN_OF, Found, Studies, prose
from family_trees.views.report.page import Picture, ReportPart, ReportTable, page
from family_trees.views.report.reproduce import command_of, found, reproduce, write, write_again
from family_trees.views.report.symmetry import symmetry_numbers
from family_trees.views.report.units import units_numbers

ROOT = data_file("people.csv").parent.parent
SMALL = ReproductionSize(learning=4, units=9, symmetry=8, symmetry_sweeps=1500, iterative=1, seed=4)
FIGURES = {
    *("fig1-symmetry", "symmetry-solved", "fig2-trees", "fig3-activities", "learning-curves", "fig4-people"),
    *("fig4-relations", "units", "code-by-sweep", "emergence", "people", "similarity", "nearness", "usefulness"),
    *("fig5-iterative", "iterative"),
}
"""Those that a reproduction draws."""

STUDY_FIGURES = {"race", "window", "each-case", "predicted-splits", "successors-sizes"}
"""Those of the studies that the full report shows."""

FRONT = ["abstract", "introduction", "method", "results"]
RESULTS = ["symmetry", "learning", "held-out", "units", "usefulness", "iterative"]
BACK = ["claims", "discussion", "limitations", "differs", "again", "cite", "references", "appendix"]
"""The sections, in the order of the paper; the claims stand after the story."""


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
        self.sections: list[str] = []

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
            self.sections += [str(of["id"])] if "id" in of else []

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


STUDIES = ROOT / "results" / "studies"


def full(directory: Path) -> Found:
    """The small reproduction, with the committed studies."""
    tables: dict[str, Tables] = {name: read_tables(directory / "tables" / name) for name in ALL_EXPERIMENTS}
    return found(SMALL, tables, STUDIES)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def with_studies(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("full")
    shutil.copytree(made / "tables", directory / "tables")
    shutil.copytree(STUDIES, directory / "studies")
    write_again(directory)
    return directory


def check_page(path: Path, figures: set[str], sections: list[str]) -> None:
    """The page holds what it shows, in order; every link leads somewhere; every picture is told."""
    parsed = read(path)
    assert not parsed.open
    assert all(each.startswith("data:image/webp;base64,") for each in parsed.loads)
    assert "url(" not in path.read_text(encoding="utf-8").split("</style>")[0]
    assert {name.removeprefix("figure-") for name in parsed.ids if name.startswith("figure-")} == figures
    assert len(parsed.images) == len(figures)
    assert all(len(image["alt"] or "") > 40 and image["width"] and image["height"] for image in parsed.images)
    assert len(set(parsed.ids)) == len(parsed.ids)
    for link in parsed.links:
        if link.startswith("#"):
            assert link[1:] in parsed.ids, link
        elif not link.startswith("https://"):
            assert (path.parent / link).is_file(), link
    assert parsed.sections == sections
    assert parsed.headings[0] == 1
    assert all(after <= before + 1 for before, after in zip(parsed.headings, parsed.headings[1:], strict=False))
    told = " ".join(" ".join(parsed.texts).split())
    for word in ("nan%", "nan ", "not known", "{{", "inf%", "@figure", "@claim", "@table", "`"):
        assert word not in told, word
    assert path.stat().st_size < 1_500_000


def test_a_quick_page_tells_what_was_measured_and_no_more(made: Path) -> None:
    check_page(made / "report.html", FIGURES, [*FRONT, *RESULTS, *BACK])
    told = " ".join("".join(read(made / "report.html").texts).split())
    assert "no number of them stands here" in told
    for word in ("twin", "successor of", "the race", "people and relations are matrices", "The window"):
        assert word not in told


def test_a_full_page_has_the_discoveries(with_studies: Path) -> None:
    check_page(with_studies / "report.html", FIGURES | STUDY_FIGURES, [*FRONT, *RESULTS, "successors", *BACK])
    assert {path.name for path in with_studies.glob("*.png")} == {f"{name}.png" for name in FIGURES}


@pytest.mark.committed
def test_the_committed_page_is_whole() -> None:
    path = ROOT / "results" / "report.html"
    check_page(path, FIGURES | STUDY_FIGURES, [*FRONT, *RESULTS, "successors", *BACK])


def test_the_page_tells_every_claim(made: Path) -> None:
    parsed = read(made / "report.html")
    for row in committed_rows():
        assert {f"claim-{row.id}", f"rule-{row.id}"} <= set(parsed.ids)
    with (made / "claims.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    told = "".join(parsed.texts)
    for judged in rows:
        assert judged["measure"] in told
        assert judged["rule"] in told
        assert told.count(f"{judged['claim']} ({judged['source']})") == 1
    assert command_of(SMALL) in told


def test_the_front_says_who_when_and_which(made: Path) -> None:
    what = full(made)
    title, lines = front(what)
    assert title.startswith("The family-trees experiment of 1986, reproduced: ")
    assert lines[0] == "The family-trees authors"
    assert VERSION in lines[1]
    assert re.match(r"20\d\d-\d\d-\d\d, ", lines[1])
    assert what.shown.fingerprint[:16] in lines[2]


def test_the_numbers_of_the_abstract_are_those_of_the_tables(made: Path) -> None:
    what = full(made)
    abstract = " ".join(str(item) for item in article(what)[0].items)
    networks: Any = what.tables["learning"]["networks"]
    learned = networks["training_right"] == networks["training_cases"]
    larger = networks["recipe"] == DEFAULT.name
    studies = json.loads((STUDIES / "numbers.json").read_text(encoding="utf-8"))
    inferred, learners = studies["inferred"], studies["successors"]["learners"]
    thresholds = what.tables["units"]["thresholds"]
    half = thresholds[(thresholds["threshold"] == 0.5) & (thresholds["layer"] == "person code")]
    share = half.set_index("distinction")["weights"].to_dict()
    units = int(what.tables["units"]["networks"]["learned"].sum())
    verdicts = [row.verdict for row in what.rows]
    for words in (
        f"{(learned & ~larger).sum() or 'none'} of {(~larger).sum()} networks learned",
        f"{learned[larger].mean():.1%} of {larger.sum()} did",
        f"Of {units:,} other networks that learned them, {share['nationality']:.0%}",
        f"{share['generation']:.0%} one for generation, and {share['branch']:.0%} one for branch",
        f"networks, learned or not, answered {networks['held_out_right'][larger].mean():.2f} right on average",
        f"{(networks['held_out_right'][larger] == 4).mean():.1%} of them all four",
        f"after {inferred['sweeps']:,} sweeps, a case",
        f"is inferred by {inferred['taught']['each-case'][0]:.0%} of networks",
        f"and by {inferred['no_twin']['each-case'][0]:.0%} otherwise",
        f"matrices [4] have {learners[0]['held_out_share_rank'][0]:.1%} of four held-out cases right",
        f"the network of 1986 {learners[-1]['held_out_share_rank'][0]:.1%}",
        f"the failure for initial ranges up to {studies['printed-recipe']['below']:g}, and promises too much",
        f"{len(what.rows)} claims, {verdicts.count('replicated')} are replicated",
        f"{verdicts.count('partly')} in part, and {verdicts.count('not replicated')} not",
    ):
        assert words in abstract
    numbers = re.findall(r"\d+(?:\.\d+)?%|\d+\.\d+", abstract)
    assert len(numbers) == 11, "a number of the abstract is not checked here"


def test_the_best_recipe_is_told_once_it_is_measured(made: Path) -> None:
    what = full(made)
    numbers: dict[str, Any] = json.loads((STUDIES / "numbers.json").read_text(encoding="utf-8"))
    told = []
    for best in (None, {"held_out_share_rank": [0.7123, 0.70, 0.73]}):
        numbers["successors"]["best_recipe"] = best
        told.append(told_with(what._replace(studies=Studies(STUDIES, numbers))))
    assert "best recipe found for it" not in told[0]
    assert "the best recipe found for it has 71.2% by rank" in told[1]
    assert "by held-out cases has 71.2% (70.0% to 73.0%) right by rank" in told[1]


def test_what_holds_together_is_counted_network_by_network(made: Path) -> None:
    tables = read_tables(made / "tables" / "units")
    both, near = tells_nations(tables) & tells_generation_and_branch(tables), near_equivalents(tables)
    judged = {row.id: row.value for row in full(made).rows}
    assert tells_nations(tables).mean() == judged["F3"]
    assert tells_generation_and_branch(tables).mean() == judged["F4"]
    assert near.mean() == judged["F5"]
    assert set(both.index) == set(near.index)
    numbers = units_numbers(full(made))
    assert numbers["both_codes"] == both.mean() <= min(judged["F3"], judged["F4"])
    assert numbers["all_codes"] == (both & near).mean() <= numbers["both_codes"]


def test_studies_without_their_tables_are_refused(made: Path, tmp_path: Path) -> None:
    what = full(made)
    assert what.studies is not None
    with pytest.raises(FamilyTreesError, match=r"pairs.csv: not there; 'family-trees report-studies' writes it"):
        article(what._replace(studies=Studies(tmp_path, what.studies.numbers)))


def test_a_theorem_has_no_interval(made: Path) -> None:
    told = " ".join("".join(read(made / "report.html").texts).split())
    assert re.search(r"Here: no network does; [\d,]+ networks", told)
    assert "no network does (" not in told


def test_the_same_bytes_again_from_the_tables(made: Path, tmp_path: Path) -> None:
    shutil.copytree(made / "tables", tmp_path / "tables")
    write_again(tmp_path)
    for path in sorted(tmp_path.glob("*.*")):
        assert path.read_bytes() == (made / path.name).read_bytes(), path.name


@pytest.mark.parametrize(("text", "words"), [(None, "not there"), ("{}", "is damaged"), ("[", "is damaged")])
def test_without_tables_nothing_is_written_again(tmp_path: Path, text: str | None, words: str) -> None:
    if text is not None:
        (tmp_path / "tables").mkdir()
        (tmp_path / "tables" / "reproduction.json").write_text(text, encoding="utf-8")
    with pytest.raises(FamilyTreesError, match=f"reproduction.json: {words}; 'family-trees reproduce' measures"):
        write_again(tmp_path)
    assert not [*tmp_path.glob("report.html")]


def test_words_alone_take_no_training_options() -> None:
    ran = CliRunner().invoke(cli, ["reproduce", "--words", "--resume"])
    assert ran.exit_code == 2
    assert "--words trains nothing" in ran.output


def test_what_a_text_says_cannot_become_part_of_the_page() -> None:
    table = ReportTable("t", "<i>", ("<u>", ""), (("<s>", "`<q>`"),))
    part = ReportPart("one", "<script>", ("`<b>` & co", "*so* [x](a.md) [1]", table))
    text = page("<x>", ["`<y>`"], [part], [], {})
    for tag in ("<script>", "<b>", "<i>", "<u>", "<s>", "<q>", "<x>", "<y>"):
        assert tag not in text.split("</style>")[1]
    assert "<code>&lt;b&gt;</code> &amp; co" in text
    assert '<em>so</em> <a href="a.md">x</a> <a href="#reference-1">[1]</a>' in text


def test_conclusions_go_with_their_conditions(made: Path) -> None:
    tables: dict[str, Tables] = {name: read_tables(made / "tables" / name) for name in ALL_EXPERIMENTS}
    numbers = {"networks": 8, **symmetry_numbers(tables["symmetry"], 1500)}
    stuck = {"stuck": 20, "share_dark": 1.0, "error_dark_near": True, "share_freed": 0.0}
    poor = {"poor": 2, "poor_of_two": 2, "poor_rare": True, "poor_least_right": 56, "poor_most_right": 56}
    whole = numbers | stuck | poor | {"more_units_worse": True}
    for condition, sentence in (
        ({"share_dark": 0.5}, "onto a plateau"),
        ({"more_units_worse": False}, "more hidden units do worse"),
        ({"poor_rare": False}, "They are rare, as the paper says."),
        ({"poor_of_two": 0}, "just enough connections"),
        ({"solutions": 0}, "have this form"),
    ):
        assert sentence in prose("symmetry", whole | {"solutions": 5})("text")
        assert sentence not in prose("symmetry", whole | {"solutions": 5} | condition)("text")


def told_with(what: Found) -> str:
    """All texts of the article, and its title."""
    parts = article(what)
    items = [item for part in parts for item in part.items]
    return " ".join(
        [front(what)[0], *(part.title for part in parts)]
        + [f"{item.alt} {item.caption}" if isinstance(item, Picture) else str(item) for item in items]
    )


def test_what_the_page_concludes_of_the_studies_goes_with_their_numbers(made: Path) -> None:
    what = full(made)
    assert what.studies is not None
    numbers: dict[str, Any] = json.loads((STUDIES / "numbers.json").read_text(encoding="utf-8"))
    before = told_with(what._replace(studies=what.studies._replace(numbers=numbers)))
    numbers["printed-recipe"] |= {"learned": 7, "lowest_lose": 0.1, "below": 0.0, "hopeful_wide": 0}
    numbers["smallest-change"] |= {"enough": [], "enough_are_drives": False}
    numbers["inferred"]["taught"]["each-case"] = numbers["inferred"]["no_twin"]["each-case"]
    numbers["inferred"] |= {"gone": {}, "explained": 0.2}
    numbers["as-in-the-paper"]["late"]["all_right"] = [0.9, 0.8, 0.95]
    numbers["successors"]["learners"][0]["held_out_share_rank"] = [0.5, 0.4, 0.6]
    numbers["successors"]["decides"]["matrices without the penalty"] = numbers["successors"]["decides"]["matrices"]
    numbers["successors"]["each"]["matrices"]["always"] = 12
    numbers["successors"]["both_ways"]["network of 1986"]["held_out_share_rank"] = [0.2, 0.1, 0.3]
    numbers["successors"]["decides"]["matrices with other codes as answers"] = numbers["successors"]["decides"][
        "matrices"
    ]
    after = told_with(what._replace(studies=what.studies._replace(numbers=numbers)))
    for words in (
        "Measured sweep by sweep, decay takes more",
        "This window predicts the failure",
        "no uniform range from 0.1 to 4 mends it",
        "Nor do any of",
        "these weights die away",
        "The printed step lies below it",
        "the window promises too much",
        "Less decay, more momentum",
        "if another person has the same answer, and by",
        "it is the twin that does it",
        "accounts for",
        "Even then all four are right in only",
        "Matrices with a penalty infer what the network of 1986 does not",
        "need both their architecture and their penalty",
        "One code for a person, in questions and as an answer, accounts for",
        "does not read facts backwards",
        "Arthur's wife among them",
    ):
        assert words in before, words
        assert words not in after, words


def test_what_the_page_concludes_of_the_paper_goes_with_the_verdicts(made: Path) -> None:
    what = full(made)
    rows = {
        verdict: [row._replace(verdict=verdict) for row in what.rows]
        for verdict in ("replicated", "not replicated", "undecided")
    }
    told = {verdict: told_with(what._replace(rows=of)) for verdict, of in rows.items()}
    for words in ("most networks that learn have units like", "Each thing that the paper says of hidden units holds"):
        assert words in told["replicated"]
        assert words not in told["not replicated"]
    assert "10 are replicated" in told["replicated"]
    assert "Too few networks were trained to decide on the others" in told["undecided"]
    assert "Too few" not in told["replicated"]


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
    write(found(FULL_SIZE, tables, STUDIES), tmp_path)

    def words(path: Path) -> str:
        return re.sub(r'src="[^"]*" width="\d+" height="\d+"', "", path.read_text(encoding="utf-8"))

    assert words(tmp_path / "report.html") == words(ROOT / "results" / "report.html")
