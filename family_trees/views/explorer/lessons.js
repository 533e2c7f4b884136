// Five lessons: each is a link, a text, and a question whose answer the page can check.
import { el, setText } from "./dom.js";
import { judge } from "./judging.js";
import { counts } from "./now.js";
import { sharesOf } from "./measure.js";
import { forward, placesOff } from "./engine.js";
import { oneHot } from "./lab.js";
import { dispatch, session } from "./session.js";
import { usualLanguage } from "./address.js";
import { atLeastTwo, t } from "./words.js";

const near = (value, right, by) => Number.isFinite(value) && Math.abs(value - right) <= by;
const place = (name) => session.task.people.indexOf(name);

/** The total input of unit 2 of the person code while another person is asked about. */
function inputFor(now, person) {
  const { task, lab, network } = now, relation = task.relations.indexOf("aunt");
  const weights = lab.at(lab.last).weights, { x } = forward(network, weights, { person: oneHot(task.people.length, [place(person)]), relation: oneHot(task.relations.length, [relation]) });
  return x["person code"][1];
}

/** How many cases break if the unit that tells best by nationality is off. */
function brokenWithout(now) {
  const { network, lab, recipe, named } = now, moment = lab.at(lab.last), each = named.find(({ layer }) => layer === "person code");
  const d = each.distinctions.findIndex(({ name }) => name === "nationality"), shares = sharesOf(network, named, moment.moment)["person code"].map((of) => of[d]);
  const unit = shares.indexOf(Math.max(...shares)), after = judge(network, moment.weights, recipe, lab.made, lab.state, placesOff(network, new Set([`person code.${unit}`]))).right;
  return moment.right.reduce((sum, right, k) => sum + (right && !after[k] ? 1 : 0), 0);
}

/** What keeps lesson 3 from its end: the text for it. */
function whyPrinted(now) {
  const { recipe } = now, { right, cases } = counts(now);
  if (recipe.error_signal !== "squared") return "lesson_printed_other";
  if (recipe.epsilon[1] >= 0.05) return "lesson_printed_large";
  return now.sweep < now.lab.last ? "lesson_printed_first" : right < cases / 2 ? "lesson_printed_few" : "lesson_printed_hint";
}

/** The lessons. `says(now)` names the text where the answer is not right. `answer(now)` gives the number that is asked for, or null where the page is not yet as it should be. */
export const LESSONS = [
  { key: "forward", section: "tabs", link: "person=Colin&relation=aunt&sweep=1500&unit=person+code.1&tab=equations&hide=train.speed.recipe.seed",
    answer: (now) => (now.lab.reached >= now.lab.last ? inputFor(now, "Charlotte") : null), by: 0.006 },
  { key: "backward", section: "tabs", link: "person=Colin&relation=aunt&sweep=30&tab=equations&flow=error&hide=speed.recipe.seed",
    answer: (now) => (now.sweep === 30 && now.at >= 0 && session.task.people[now.state.person] === "Colin" ? now.out[place("Jennifer")] - 1 : null), by: 0.006 },
  { key: "printed", section: "tabs", says: whyPrinted, link: "person=Colin&relation=aunt&sweep=0&recipe=published&range=1.4&tab=window&speed=3",
    answer: (now) => { const { right, cases } = counts(now), { recipe } = now;
      return now.sweep >= now.lab.last && right >= cases / 2 && recipe.error_signal === "squared" && recipe.epsilon[1] < 0.05 ? recipe.epsilon[1] : null; }, by: 1e-9 },
  { key: "meaning", section: "figure", link: "person=Colin&relation=aunt&sweep=1500&tab=meaning&hide=speed.recipe.seed.train",
    answer: (now) => (now.lab.reached >= now.lab.last ? brokenWithout(now) : null), by: 0 },
  { key: "inferred", section: "tabs", link: "person=Colin&relation=father&sweep=0&network=0&held=0&tab=facts&speed=3",
    answer: (now) => { const held = now.lab.setting.heldOut, twin = held.map((k) => now.task.twins[k].some((other) => !held.includes(other)));
      return held.length === 2 && twin[0] !== twin[1] && now.sweep >= now.lab.last ? counts(now).heldRight : null; }, by: 0 },
];

export const lessonOf = (state) => (session.data.equivalents && !state.family ? LESSONS.find(({ key }) => key === state.lesson) ?? null : null);

/** The link of a lesson, as the part after #. */
export const linkOf = ({ key, link }, lang) => `#${link}&lesson=${key}${lang === "en" && usualLanguage() === "en" ? "" : `&lang=${lang}`}`;

export function lessonParts(lesson) {
  const { key } = lesson, verdict = el("p", { class: "guide-result", role: "status" });
  const field = el("input", { type: "text", id: "lesson-answer", inputmode: "decimal", size: 8, "data-key": "lesson-answer", autocomplete: "off" });
  const check = (event) => {
    event.preventDefault();
    const value = Number(field.value.trim().replace("−", "-").replace(",", ".")), right = lesson.answer(session.now);
    const said = field.value.trim() === "" ? "lessonEmpty" : right !== null && near(value, right, lesson.by) ? `lesson_${key}_right`
      : lesson.says?.(session.now) ?? `lesson_${key}_${right === null ? "first" : "hint"}`;
    setText(verdict, t(said, { ...counts(session.now), epsilon: session.now.recipe.epsilon[1], x: right === null ? "" : atLeastTwo(right) }));
    verdict.className = `guide-result${said.endsWith("_right") ? " good-text" : ""}`;
  };
  return [
    el("div", { class: "line" }, el("strong", {}, t("lessonNumber", { at: LESSONS.indexOf(lesson) + 1 })), el("h2", {}, t(`lesson_${key}_title`)),
      el("button", { type: "button", class: "end", id: "lesson-leave", "data-key": "lesson-leave", onclick: () => dispatch({ type: "set", patch: { lesson: null, hide: [] } }) }, t("lessonLeave"))),
    el("p", {}, t(`lesson_${key}_text`)),
    el("form", { class: "line", onsubmit: check }, el("label", { for: "lesson-answer" }, t(`lesson_${key}_ask`)), field, el("button", { type: "submit", class: "main", "data-key": "lesson-check" }, t("lessonCheck")), verdict),
  ];
}
