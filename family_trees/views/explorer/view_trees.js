// The trees: whom one asks about, who is the answer, and a dot for every case. Below them the relations and the answer.
import { $, el, refill, roving, setAttributes, setText, svg, whenChanged } from "./dom.js";
import { HALF } from "./now.js";
import { dispatch } from "./session.js";
import { caseName, fmt, label, listed, question, t } from "./words.js";
import { koreanTerm } from "./kin.js";

export const treesView = { build() {}, update: updateTrees };
let buttons = new Map();

function updateTrees(now) {
  const { state, task } = now;
  whenChanged($("trees-box"), [task.id, now.shown, state.lang], () => drawTrees(now));
  for (const [k, parts] of buttons) showPerson(now, k, parts);
  whenChanged($("relations"), [task.id, state.lang], () => {
    refill($("relations"), ...task.relations.map((name, k) => el("button", { type: "button", "data-key": `r${k}`,
      onclick: () => dispatch({ type: "ask", relation: k }) })));
  });
  showRelations(now);
  showAnswer(now);
  setText($("h-trees"), t(task.equivalents && !now.data.part ? "trees" : task.trees ? "theFamily" : "people"));
}

function personButton(now, k) {
  const { task } = now, name = el("span", { class: "name" }), mark = el("span", { class: "mark", "aria-hidden": "true" });
  const bar = el("span", { class: "bar", "aria-hidden": "true" });
  const cases = task.cases.flatMap(([person], c) => (person === k ? [c] : []));
  const dots = cases.map(() => el("i", {})), row = el("span", { class: "dots", "aria-hidden": "true" }, ...dots);
  const button = el("button", { type: "button", class: "person", "data-key": `p${k}`, onclick: () => dispatch({ type: "ask", person: k }) },
    el("span", { class: "names" }, name, mark), bar, row);
  name.textContent = task.people[k];
  buttons.set(k, { button, mark, bar, dots, cases });
  return button;
}

/** What differs from the last time: who is asked about, the answer, and the dots of the cases. */
function showPerson(now, k, { button, mark, bar, dots, cases }) {
  const y = now.out[k], fact = now.answers.includes(k), on = y > HALF, { state } = now;
  const kind = on ? (now.at < 0 ? "on" : fact ? "good" : "bad") : fact ? "missed" : "";
  setText(mark, on ? (now.at < 0 ? "•" : fact ? "✓" : "✗") : fact ? "○" : "");
  setAttributes(button, { class: `person ${kind}`, "aria-pressed": String(k === state.person),
    title: `${now.task.people[k]}: ${fmt(y)}${kind ? `, ${t(`mark_${kind}`)}` : ""}` });
  const share = String(Math.round(100 * Math.min(1, Math.max(0, y || 0))));
  if (bar.share !== share) bar.style.setProperty("--y", `${(bar.share = share)}%`);
  for (const [d, c] of cases.entries()) {
    const kindOf = caseKind(now, c);
    if (dots[d].className !== kindOf) dots[d].className = kindOf;
  }
}

/** How a case stands: grey before there was any sweep, then green if it is right and red if not; ringed if held out. */
export function caseKind(now, c) {
  const kind = now.rightAfter[c] ? "right" : now.sweep === 0 ? "new" : "wrong";
  return now.isHeldOut(c) ? `${kind} held` : kind;
}

function drawTrees(now) {
  const { task, state } = now, box = $("trees-box");
  const { scrollLeft, scrollTop } = box.firstElementChild ?? {}, shown = new Set(now.shown);
  buttons = new Map();
  const placed = new Set((task.trees ?? []).flatMap((tree) => tree.places.map(([k]) => k)));
  const rest = now.shown.filter((k) => !placed.has(k));
  const list = rest.length ? [el("div", { class: "people", role: "group", "aria-label": t("people") }, ...rest.map((k) => personButton(now, k)))] : [];
  refill(box, ...(task.trees ?? []).map((tree) => {
    const lines = svg("svg", { viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": "true" });
    for (const [x1, y1, x2, y2, dashed] of tree.lines)
      lines.append(svg("line", { x1, y1, x2, y2, "vector-effect": "non-scaling-stroke", ...(dashed ? { "stroke-dasharray": "4 3" } : {}) }));
    const field = el("div", { class: "field" }, lines);
    if (tree.size) Object.assign(field.style, { width: `${6.4 * tree.size[0]}rem`, height: `${5 * tree.size[1]}rem` });
    if (tree.rows) {
      field.style.height = `${3.75 * tree.rows}rem`;
      field.style.setProperty("--wide", `${100 / Math.max(4, tree.columns)}%`);
    }
    for (const [k, x, y] of tree.places) {
      if (now.data.part && !state.family && !shown.has(k)) continue;
      const button = personButton(now, k);
      button.style.left = `${x}%`;
      button.style.top = `${y}%`;
      field.append(button);
    }
    return el("div", { class: tree.size ? "tree wide" : tree.rows ? "tree own" : "tree", role: "group", "aria-label": label(tree.name) || t("theFamily"), tabindex: tree.size ? "0" : null },
      tree.name ? el("h3", {}, label(tree.name)) : "", field);
  }), ...list);
  for (const [k, parts] of buttons) showPerson(now, k, parts);
  for (const group of box.children) roving(group);
  reveal(box.firstElementChild, scrollLeft, scrollTop, state.person);
}

/** Keep a wide tree where it was scrolled to; at first, and when another person is asked about, bring that one into view. */
let revealed = null;
function reveal(tree, scrollLeft, scrollTop, person) {
  if (!tree?.classList.contains("wide")) return;
  Object.assign(tree, { scrollLeft, scrollTop });
  const button = tree.querySelector('[aria-pressed="true"]');
  if (revealed === person || !button) return;
  revealed = person;
  Object.assign(tree, { scrollLeft: button.offsetLeft - tree.clientWidth / 2, scrollTop: button.offsetTop - tree.clientHeight / 2 });
}

function showRelations(now) {
  const { task, state } = now;
  const kinds = task.relations.map((_, k) => {
    const c = task.caseAt(state.person, k);
    return c < 0 ? "none" : caseKind(now, c);
  });
  whenChanged($("answer"), [kinds, state.person, state.relation, state.lang, task.id], () => {
    for (const [k, button] of [...$("relations").children].entries()) {
      const kind = kinds[k], name = label(task.relations[k]);
      const mark = { none: "", right: " ✓", wrong: " ✗", new: "" }[kind.split(" ")[0]];
      setAttributes(button, { class: kind, "aria-pressed": String(k === state.relation), title: t(`case_${kind.replace(" ", "_")}`),
        "aria-label": `${name}, ${t(`case_${kind.replace(" ", "_")}`)}` });
      setText(button, `${name}${mark}`);
    }
    roving($("relations"));
  });
}

function showAnswer(now) {
  const { state, task, out } = now;
  const on = [...out].map((y, k) => [k, y]).filter(([, y]) => y > HALF).sort((a, b) => b[1] - a[1]);
  const named = ([k, y]) => `${task.people[k]}${termFor(now, k)} (${y.toFixed(2)})`;
  const names = on.length ? listed(on.map(named)) : t("nobody");
  const facts = listed(now.answers.map((k) => `${task.people[k]}${termFor(now, k)}`));
  const verdict = now.at < 0 ? t("noFact") : now.right ? t("right") : t("wrong", { facts });
  const kind = now.at < 0 ? t("notAsked") : now.isHeldOut(now.at) ? t("heldOut") : t("training");
  whenChanged($("fact"), [state.lang, state.person, state.relation, names, verdict, kind, now.lab.id], () => {
    $("answer").replaceChildren(el("strong", { class: "question" }, question(state.person, state.relation)), " ", el("span", { class: now.right ? "good-text" : "" }, `${t("says", { names })} `), `${verdict} `, el("span", { class: "muted" }, kind));
    refill($("fact"), ...factButtons(now));
  });
}

/** The word for this relative in Korean, where relations alone do not say it. */
function termFor({ state, task }, k) {
  const term = state.lang === "ko" ? koreanTerm(task, state.person, state.relation, k) : "";
  return term ? ` [${term}]` : "";
}

function factButtons(now) {
  const { at, task, lab } = now;
  if (at < 0) return [];
  const held = now.isHeldOut(at), twins = task.twins[at], left = twins.filter((k) => !now.isHeldOut(k));
  const words = !twins.length ? t("noTwin") : left.length ? t("twinsLeft", { twins: listed(left.map(caseName), 3, "andMoreFacts") }) : t("twinsOut", { twins: listed(twins.map(caseName), 3, "andMoreFacts") });
  const holdOut = el("button", { type: "button", id: "hold", "data-key": "hold",
    onclick: () => dispatch({ type: "hold", at, held: lab.setting.heldOut }) }, t(held ? "trainOnIt" : "holdOut"));
  return [holdOut, " ", el("span", { class: "muted" }, words)];
}
