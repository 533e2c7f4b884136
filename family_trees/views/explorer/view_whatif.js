// The tabs "What if" and "Facts": a unit switched off, a weight flipped, two people swapped, and which cases break; and all
// cases as a table, in which a click holds one out of training.
import { el, roving, setAttributes, setText, whenChanged, widthOf } from "./dom.js";
import { altered, counts, hiddenUnit, listedCases, placeOf } from "./now.js";
import { splitLast } from "./address.js";
import { dispatch, session } from "./session.js";
import { caseKind } from "./view_trees.js";
import { notCounted } from "./view_controls.js";
import { caseName, label, question, shortLabel, t, unitName, weightName } from "./words.js";

export const unitOfText = (text) => { const [layer, k] = splitLast(text, "."); return [layer, +k]; };
export const weightOfText = (text) => { const { key, i, j } = placeOf(text); return [key, i, j]; };

export const whatIfTab = {
  update(panel, now) {
    const { state } = now;
    whenChanged(panel, ["whatif", now.lab.id, now.moment.sweep, state.unit, state.weight, [...state.off], [...state.flips], state.swap, state.person, state.lang], () => drawWhatIf(panel, now));
  },
};

/** The first of two people who are to be swapped, until the second one is chosen. */
let swapBegun = null;

function drawWhatIf(panel, now) {
  const { state, network, task, data } = now, listed = listedCases(now), some = data.part ? ` ${t("ofPart")}` : "";
  const hidden = network.computed.filter((layer) => layer !== network.output);
  const chosen = hiddenUnit(state.unit, network) ? state.unit : [hidden[0].name, 0];
  const units = el("select", { id: "lesion-unit", "data-key": "lesion", onchange: (event) => dispatch({ type: "unit", unit: unitOfText(event.target.value) }) },
    ...hidden.flatMap(({ name, units: count }) => Array.from({ length: count }, (_, k) => el("option", { value: `${name}.${k}` }, unitName([name, k])))));
  units.value = chosen.join(".");
  const off = state.off.has(chosen.join("."));
  const person = (id, value, change) => {
    const select = el("select", { id, "data-key": id, onchange: (event) => change(event.target.value === "" ? null : Number(event.target.value)) },
      el("option", { value: "" }, "…"), ...task.people.map((name, k) => el("option", { value: k }, name)));
    select.value = value ?? "";
    return select;
  };
  const swapped = (a, b) => {
    swapBegun = a;
    dispatch({ type: "swap", swap: a !== null && b !== null && a !== b ? [a, b] : null });
  };
  const [one, other] = state.swap ?? [swapBegun ?? state.person, null];
  const active = panel.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  panel.replaceChildren(el("p", { class: "muted" }, t("whatIfHelp", { cases: listed.length })),
    el("div", { class: "line" }, el("label", {}, el("span", { class: "unseen" }, t("unit")), units),
      el("button", { type: "button", id: "off", "data-key": "off", onclick: () => dispatch({ type: "off", unit: chosen.join(".") }) }, t(off ? "switchOn" : "switchOff", { unit: unitName(chosen) }))),
    el("div", { class: "line" }, el("button", { type: "button", id: "flip", "data-key": "flip", disabled: !state.weight, onclick: () => dispatch({ type: "flip", weight: state.weight.join(".") }) }, t("flip")),
      el("span", { class: "muted" }, state.weight ? weightName(state.weight) : t("flipHelp"))),
    el("div", { class: "line" }, el("label", {}, `${t("swap")} `, person("swap-one", one, (k) => swapped(k, other))), el("label", {}, `${t("swapWith")} `, person("swap-other", other, (k) => swapped(state.swap?.[0] ?? swapBegun ?? state.person, k)))),
    el("button", { type: "button", id: "reset", "data-key": "reset", disabled: !altered(state), onclick: () => dispatch({ type: "reset" }) }, t("reset")),
    el("div", { id: "broken", tabindex: "-1" }, ...result(now, listed, some)));
  if (active) (panel.querySelector(`[data-key="${CSS.escape(active)}"]:not([disabled])`) ?? panel.querySelector("#broken")).focus();
}

function result(now, listed, some) {
  const { state, moment, rightAfter } = now;
  if (!altered(state)) {
    const wrong = listed.filter((k) => !moment.right[k]), named = wrong.slice(0, 30);
    return [el("p", {}, t("nothingChanged", { right: listed.length - wrong.length, cases: listed.length }) + some),
      ...(wrong.length && now.sweep ? [el("h3", {}, t("wrongCases", { count: wrong.length })), chips(named, (k) => (now.isHeldOut(k) ? t("heldMark", { case: caseName(k) }) : caseName(k)))] : [])];
  }
  const broken = listed.filter((k) => moment.right[k] && !rightAfter[k]), mended = listed.filter((k) => rightAfter[k] && !moment.right[k]).length;
  const done = [...[...state.off].map((each) => t("isOff", { unit: unitName(unitOfText(each)) })), ...[...state.flips].map((each) => t("isFlipped", { weight: weightName(weightOfText(each)) })),
    ...(state.swap ? [t("isSwapped", { one: now.task.people[state.swap[0]], other: now.task.people[state.swap[1]] })] : [])].join("; ");
  const right = listed.filter((k) => moment.right[k]).length;
  return [el("p", {}, el("strong", {}, `${done}. ${broken.length || mended ? t("broken", { count: broken.length, of: right, mended }) : t("nothingBreaks")}`), some), chips(broken)];
}

const chips = (cases, words = caseName) => el("div", { class: "chips" }, ...cases.map((k) => el("button", { type: "button", "data-key": `c${k}`,
  onclick: () => dispatch({ type: "ask", person: session.task.cases[k][0], relation: session.task.cases[k][1] }) }, words(k))));

// ---- all facts, as a table

let cells = [];
export const factsTab = {
  update(panel, now) {
    whenChanged(panel, ["facts", now.task.id, now.state.lang, now.data.part, locked()], () => buildFacts(panel, now));
    const { state } = now, { heldRight, held, right, cases: trained } = counts(now), twins = now.at >= 0 ? now.task.twins[now.at] : [];
    for (const { cell, at } of cells) {
      const kind = caseKind(now, at), twin = twins.includes(at), asked = at === now.at;
      if (cell.shown === `${kind}${twin}${asked}`) continue;
      cell.shown = `${kind}${twin}${asked}`;
      setAttributes(cell, { class: `cell ${kind}${twin ? " twin" : ""}`, "aria-pressed": String(now.isHeldOut(at)), "aria-current": asked ? "true" : null });
      setText(cell, now.isHeldOut(at) ? (kind.startsWith("right") ? "◉" : "○") : kind === "right" ? "✓" : kind === "wrong" ? "✗" : "·");
    }
    setText(panel.querySelector(".f-counts"), `${t("countsNow", { right, cases: trained })}. ${t("countsHeld", { heldRight, held })}. ${notCounted(state)}`);
    const words = now.at < 0 ? "" : `${question(state.person, state.relation)} ${t("answersAre", { answers: now.answers.map((k) => now.task.people[k]).join(", ") })} ${t(twins.length ? "twinsAre" : "noTwin", { twins: twins.map(caseName).join(", ") })}`;
    setText(panel.querySelector(".f-asked"), words);
    whenChanged(panel.querySelector(".facts"), [now.at, widthOf(panel)], () => showAsked(panel.querySelector(".facts")));
  },
};

/** Whether a link took the holding out of facts away. */
const locked = () => session.state.hide.includes("facts");

/** Bring the fact that is asked about into view, where the table is wider than the page. */
function showAsked(box) {
  const cell = box.querySelector("[aria-current]"), names = box.querySelector('th[scope="row"]')?.offsetWidth ?? 0;
  if (cell) {
    const { left, right } = box.getBoundingClientRect(), at = cell.getBoundingClientRect();
    if (at.left < left + names || at.right > right) box.scrollLeft += at.left - (left + right) / 2;
  }
  showEdge(box);
}
/** A table that goes on to the right fades there. */
const showEdge = (box) => box.classList.toggle("goes-on", box.scrollLeft + box.clientWidth < box.scrollWidth - 1);

function buildFacts(panel, now) {
  const { task, state, data } = now, people = data.part && !state.family ? data.part : task.people.map((_, k) => k);
  cells = [];
  const names = task.relations.map((_, k) => el("th", { scope: "col" }, el("span", { title: label(task.relations[k]) }, shortLabel(task.relations[k]))));
  const rows = people.map((person) => el("tr", {}, el("th", { scope: "row" }, task.people[person]), ...task.relations.map((_, relation) => {
    const at = task.caseAt(person, relation);
    if (at < 0) return el("td", {});
    const cell = el("button", { type: "button", "data-key": `h${at}`, "aria-label": caseName(at), title: `${caseName(at)}: ${task.cases[at][2].map((k) => task.people[k]).join(", ")}`, onclick: () => {
      dispatch({ type: "ask", person, relation });
      if (!locked()) dispatch({ type: "hold", at, held: session.lab.setting.heldOut });
    } });
    cells.push({ cell, at });
    return el("td", {}, cell);
  })));
  const count = Math.max(1, Math.round(task.cases.length / 26)), box = el("div", { class: "facts", onscroll: () => showEdge(box) }, el("table", {}, el("thead", {}, el("tr", {}, el("td", {}), ...names)), el("tbody", {}, ...rows)));
  panel.replaceChildren(el("p", { class: "muted" }, t(locked() ? "factsOnly" : "factsHelp")), el("p", { class: "f-counts" }), el("p", { class: "f-asked" }),
    el("div", { class: "line", hidden: locked() }, el("button", { type: "button", id: "draw", onclick: () => dispatch({ type: "draw", count }) }, t("drawHeld", { count })),
      el("button", { type: "button", id: "hold-none", onclick: () => dispatch({ type: "draw", count: 0 }) }, t("holdNone"))),
    box, el("p", { class: "muted" }, t("factsKey")));
  roving(panel.querySelector(".facts"));
}
