"""The tour by keyboard alone, the lessons and their questions, and links that teachers make."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from test_explorer import page_file, shipped  # noqa: F401 - fixtures
from visiting import Visit, browser, browser_only, found_by, too_small  # noqa: F401 - a fixture

# ruff: noqa: F811 - fixtures of other files

LESSONS = ("forward", "backward", "printed", "meaning", "inferred")


MOST_ERROR = """() => {
    const sizes = [...familyTrees.now.back.dEdx.penultimate].map(Math.abs);
    return ["penultimate", sizes.indexOf(Math.max(...sizes))];
}"""


CHANGED_MOST = """() => {
    const { lab, moment, state: { unit: [layer, j] } } = familyTrees.now, { network } = lab;
    const wide = network.units[layer];
    const before = lab.at(0).weights, after = moment.weights;
    let [most, from, to] = [0, 0, 0];
    for (const below of network.layer[layer].sees) {
        const key = network.key(below, layer);
        for (let k = j; k < after[key].length; k += wide) {
            const size = Math.abs(after[key][k] - before[key][k]);
            if (size > most) [most, from, to] = [size, before[key][k], after[key][k]];
        }
    }
    return [from, to];
}"""


def changed_most(page: Any) -> str:
    """Of the weights into the chosen unit, the one that changed most by the first sweep: from what to what."""
    old, new = (f"{each:.3g}".replace("-", "\N{MINUS SIGN}") for each in page.evaluate(CHANGED_MOST))
    return f"went from {old} to {new}."


WRONG_BUT_STUCK = """() => {
    const { out, desired, back } = familyTrees.now;
    const units = [...document.querySelectorAll('[data-key^="answer."]')];
    return [...out].map((y, k) => ({
        wrong: Math.abs(y - desired[k]),
        slope: y * (1 - y),
        sent: back.sent[k],
        stuck: units[k].querySelector(".ground").classList.contains("stuck"),
        side: Number(units[k].querySelectorAll("rect")[1].getAttribute("width")),
    }));
}"""


@browser_only
def test_a_unit_that_is_wrong_but_saturated_is_seen_to_be_wrong(browser: Any, page_file: Path) -> None:
    with Visit(browser, page_file, "#flow=error&sweep=0") as visit:
        units = visit.page.evaluate(WRONG_BUT_STUCK)
        stuck = [each for each in units if each["sent"] and each["slope"] < 0.1]
        assert len(stuck) > 2
        assert [each["stuck"] for each in units] == [bool(each["sent"]) and each["slope"] < 0.1 for each in units]
        largest = max(each["wrong"] for each in units)
        for each in units:  # the area is the size of y - d
            assert each["side"] == pytest.approx(0.94 * 24 * (abs(each["sent"]) / largest) ** 0.5, abs=0.02)
        assert "dotted frame" in visit.page.inner_text("#pass-caption")
        visit.page.click("#flow-changes")
        assert "no weight has changed yet" in visit.page.inner_text("#pass-caption")
        visit.page.click("#one")
        visit.shown(1)
        assert "green went up" in visit.page.inner_text("#pass-caption")
        assert "flow=changes" in visit.page.evaluate("location.hash")
        assert visit.sound()


def result(page: Any, text: str) -> str:
    """The result that the guide shows, as soon as it has `text`."""
    page.wait_for_function(f"document.querySelector('.guide-result').textContent.includes({text!r})")
    return str(page.inner_text(".guide-result"))


@browser_only
def test_the_tour_by_keyboard_alone(browser: Any, page_file: Path) -> None:
    with Visit(browser, page_file, width=1280) as visit:
        page, keys = visit.page, visit.page.keyboard

        def tab_to(element: str) -> None:
            for _ in range(60):
                if page.evaluate(f"document.activeElement.matches({element!r})"):
                    return
                keys.press("Tab")
            raise AssertionError(f"the keyboard does not come to {element}")

        def following() -> None:
            tab_to("#tour-next")
            keys.press("Enter")

        tab_to("#tour-start")
        keys.press("Enter")
        assert "Who are Colin's aunts?" in page.inner_text("#guide")
        keys.press("Enter")  # the keyboard is on what is to be done
        assert "nonsense" in result(page, "It answers")
        following()
        assert page.evaluate(MOST_ERROR) == page.evaluate("familyTrees.view.unit")
        keys.press("Enter")  # the stages of the way back, one after another
        page.wait_for_function("familyTrees.view.pass === 5")
        assert "passes on almost nothing" in page.inner_text("#pass-caption")
        page.wait_for_function("familyTrees.view.pass === 9")
        assert "Green goes up" in page.inner_text("#pass-caption")
        keys.press("Tab")
        keys.press("Enter")
        assert "E went from 428 to 340" in result(page, "Sweep 1")
        assert changed_most(page) in page.inner_text(".guide-result")
        assert "green went up" in page.inner_text("#pass-caption")
        assert page.locator('.equation[data-number="7"]').count() == 1
        following()
        page.evaluate("familyTrees.dispatch({type: 'set', patch: {speed: 3}})")
        keys.press("Enter")
        page.wait_for_function("familyTrees.now.sweep === 1500")
        assert result(page, "are green").startswith("100 of 100")
        assert "nationality" not in page.inner_text("#figure")  # the next step asks for it
        following()
        visit.shown(1500)
        assert "nationality" not in page.inner_text("#figure")
        assert page.locator(".guide-actions button.main").count() == 0  # no guess is marked
        keys.press("Tab")
        keys.press("Enter")
        assert result(page, "nationality").startswith("No, it is nationality")
        assert "2 nationality" in page.inner_text("#figure")
        following()
        visit.shown(1500)
        keys.press("Enter")
        broken = page.locator("#broken").inner_text()
        assert result(page, "are now wrong").split()[0] == broken.split(" off. ")[1].split()[0]
        named = result(page, "it now names").split("it now names ")[1].split(",")[0]
        assert f"{named} (" in page.inner_text("#answer")
        assert "(before person code 2 was switched off)" in page.inner_text("#counts")
        following()
        keys.press("Enter")
        assert result(page, "inferred").startswith("Colin's aunts: inferred. Arthur's wife: not inferred.")
        keys.press("Escape")  # leave it here, and come back
        assert not page.is_visible("#guide")
        assert page.evaluate("document.activeElement.id") == "tour-start"
        assert page.inner_text("#tour-start") == "Back to the tour, step 6"
        keys.press("Enter")
        following()
        page.evaluate("familyTrees.dispatch({type: 'setting', key: 'sweeps', value: 100})")  # twenty take long
        tab_to(".guide-actions button")
        keys.press("Enter")
        page.wait_for_function("familyTrees.twenty().filter((each) => each?.sweep === 100).length === 20")
        following()
        keys.press("Enter")
        assert result(page, "With epsilon 0.01").startswith("With epsilon 0.01: 0 of 100 cases right")
        keys.press("Tab")
        keys.press("Enter")
        assert result(page, "It learns").startswith("With epsilon 0.07: 100 of 100")
        following()
        assert "What mended it" in page.inner_text("#guide")
        page.evaluate("familyTrees.dispatch({type: 'set', patch: {speed: 3}})")
        keys.press("Enter")
        assert result(page, "The matrices: ").startswith(
            "Arthur's wife? The network: Victoria. The matrices: Margaret."
        )
        assert page.get_attribute("#tab-successor", "aria-selected") == "true"
        following()
        assert page.inner_text("#guide").startswith("One rule, repeated")
        assert page.evaluate("document.activeElement.id") == "tour-again"
        keys.press("Enter")
        assert page.evaluate("familyTrees.view.tour") == 0
        keys.press("Escape")
        assert not page.is_visible("#guide")
        assert visit.sound()


@browser_only
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_every_step_of_the_tour_can_be_entered_by_a_link(browser: Any, page_file: Path, lang: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    for step in range(9):
        with Visit(browser, page_file, f"#tour={step}&lang={lang}", width=360) as visit:
            titles = {"en": f"Step {step + 1} of 9", "ko": f"9단계 중 {step + 1}단계"}
            assert titles[lang] in visit.page.inner_text("#guide")
            assert visit.page.evaluate("document.documentElement.scrollWidth") <= 360
            assert too_small(visit.page) == []
            assert found_by(Axe(), visit.page) == []
            assert visit.sound()


@browser_only
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_every_lesson_opens_from_the_dialogue(browser: Any, page_file: Path, lang: str) -> None:
    with Visit(browser, page_file, f"#lang={lang}") as visit:
        page = visit.page
        page.click("#teach")
        titles = page.locator("#dialog .lessons a").all_inner_texts()
        assert len({*titles}) == len(LESSONS)
        links = page.locator("#dialog .lessons a").evaluate_all("all => all.map((each) => each.getAttribute('href'))")
        page.locator("#dialog .lessons a").first.click()
        page.wait_for_function("familyTrees.view.lesson === 'forward'")
        assert not page.is_visible("#dialog")
    for key, link, title in zip(LESSONS, links, titles, strict=True):
        with Visit(browser, page_file, link) as visit:
            assert visit.page.inner_text("#guide h2") == title
            assert visit.page.evaluate("familyTrees.view.lesson") == key
            hidden = visit.page.evaluate("familyTrees.view.hide")
            for part in hidden:
                assert not visit.page.locator(f"[data-hide={part}]").first.is_visible()
            assert visit.sound()


def answer(page: Any, text: str) -> str:
    page.fill("#lesson-answer", text)
    page.keyboard.press("Enter")
    return str(page.inner_text(".guide-result"))


@browser_only
def test_the_page_checks_the_answers(browser: Any, page_file: Path) -> None:
    links = [f"#lesson={key}" for key in LESSONS]
    with Visit(browser, page_file) as visit:
        links = [link for _, link, _ in visit.page.evaluate("familyTrees.lessons()")]
    with Visit(browser, page_file, links[0]) as visit:
        visit.shown(1500)
        assert answer(visit.page, "") == "Write a number first."
        assert "Not yet" in answer(visit.page, "9")
        visit.page.locator(".person", has_text="Charlotte").click()
        x = visit.page.get_attribute('.equation[data-number="1"]', "data-value")
        shown = f"{float(str(x)):.2f}"
        assert f"Right: {shown}." in answer(visit.page, shown)
        assert f"= {shown} " in visit.page.inner_text('.equation[data-number="1"]')
    with Visit(browser, page_file, links[1]) as visit:
        visit.shown(30)
        visit.page.click('[data-key="answer.9"]')
        error = visit.page.get_attribute('.equation[data-number="4"]', "data-value")
        assert float(str(error)) < 0
        assert "Mind the sign" in answer(visit.page, f"{-float(str(error)):.2f}")
        assert "Right" in answer(visit.page, f"{float(str(error)):.2f}".replace("-", "\N{MINUS SIGN}"))
    with Visit(browser, page_file, links[2]) as visit:
        assert "The page has epsilon 0.01. Click another field" in answer(visit.page, "0.03")
        visit.at(1500)
        assert answer(visit.page, "0.01").startswith("0 of 100 right: less than half.")
        visit.page.evaluate("familyTrees.dispatch({type: 'setting', key: 'epsilon', value: 0.04})")
        visit.at(1500)
        assert "Right" in answer(visit.page, "0.04")
    with Visit(browser, page_file, links[3]) as visit:
        visit.shown(1500)
        visit.tab("whatif")
        visit.page.select_option("#lesion-unit", "person code.1")
        visit.page.click("#off")
        count = visit.page.inner_text("#broken").split(" off. ")[1].split()[0]
        assert "Right" in answer(visit.page, count)
        assert "Not yet" in answer(visit.page, "1")
    with Visit(browser, page_file, links[4]) as visit:
        for case in ("Colin aunt", "Arthur wife"):
            assert "exactly two" in answer(visit.page, "1")
            visit.page.locator(f'[aria-label="{case}"]').click()
        visit.at(1500)
        assert "Right" in answer(visit.page, "1")
        assert visit.sound()


@browser_only
def test_a_teacher_makes_a_link(browser: Any, page_file: Path) -> None:
    from axe_playwright_python.sync_playwright import Axe

    with Visit(browser, page_file, "#person=Sophia&relation=uncle&sweep=40&network=5", width=360) as visit:
        visit.shown(40)
        visit.page.click("#teach")
        visit.page.check("#dialog input[value=recipe]")
        visit.page.check("#dialog input[value=tabs]")
        visit.page.fill("#task", "Who is <b>right</b>?")
        link = visit.page.input_value("#link")
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= 360
        assert found_by(Axe(), visit.page) == []
        assert too_small(visit.page) == []
        visit.page.keyboard.press("Escape")
        assert visit.page.evaluate("document.activeElement.id") == "teach"
    with Visit(browser, page_file, f"#{link.split('#')[1]}") as visit:
        visit.shown(40)
        assert visit.page.inner_text("#guide .task") == "Who is <b>right</b>?"
        assert not visit.page.is_visible("#recipe")
        assert not visit.page.is_visible("#tabs")
        assert visit.page.is_visible("#train")
        assert visit.page.input_value("#number") == "5"
        assert visit.sound()


@browser_only
def test_on_a_phone_lesson_3_opens_at_its_map(browser: Any, page_file: Path) -> None:
    with Visit(browser, page_file) as visit:
        link = next(link for key, link, _ in visit.page.evaluate("familyTrees.lessons()") if key == "printed")
    with Visit(browser, page_file, link, width=360) as visit:
        assert visit.page.is_visible(".w-grid")
        assert visit.page.evaluate("getComputedStyle(document.querySelector('#drive')).backgroundColor") == (
            "rgb(255, 255, 255)"
        )


@browser_only
def test_a_link_that_hides_holding_out_keeps_the_facts_as_they_are(browser: Any, page_file: Path) -> None:
    with Visit(browser, page_file, "#tab=facts&hide=facts.more") as visit:
        held = visit.page.evaluate("familyTrees.session.lab.setting.heldOut")
        visit.page.locator('#panel [aria-label="Sophia uncle"]').click()
        assert visit.page.evaluate("familyTrees.session.lab.setting.heldOut") == held
        assert visit.page.inner_text("#answer").startswith("Sophia's uncle?")
        assert not visit.page.is_visible("#draw")
        assert visit.page.is_visible("#language")
        assert not visit.page.is_visible("#teach")


@browser_only
def test_a_browser_in_korean_opens_the_page_in_korean(browser: Any, page_file: Path) -> None:
    before = "Object.defineProperty(navigator, 'language', {get: () => 'ko-KR'});"
    with Visit(browser, page_file, before=before) as visit:
        assert visit.page.evaluate("document.documentElement.lang") == "ko"
        visit.page.select_option("#language", "en")
        assert "lang=en" in visit.page.evaluate("location.hash")
    with Visit(browser, page_file, "#lang=en", before=before) as visit:
        assert visit.page.evaluate("document.documentElement.lang") == "en"


@browser_only
def test_korean_particles_of_numbers(browser: Any, page_file: Path) -> None:
    with Visit(browser, page_file, "#tour=1&lang=ko") as visit:
        visit.page.locator(".guide-actions button").nth(1).click()
        assert "428에서 340으로 줄었습니다" in result(visit.page, "428")
