// The page: opens its data, lets the views show the state, plays, and keeps the address.
import { $, el, forgetColours, onResize, roving, setAttributes, setText, whenChanged } from "./dom.js";
import { hashOf, networkOfHash, viewOfHash } from "./address.js";
import { taskOfFamily } from "./family.js";
import { openModel } from "./models.js";
import { bothPasses, forward, gradient } from "./engine.js";
import { oneHot } from "./lab.js";
import { altered, compute, rightAfter, stepOf } from "./now.js";
import { passView } from "./passes.js";
import { paths } from "./paths.js";
import { dispatch, openSession, session, tell } from "./session.js";
import { SPEEDS, TABS } from "./store.js";
import { makeTrainer } from "./training.js";
import { controlsView } from "./view_controls.js";
import { equationsTab } from "./view_equations.js";
import { fingerprintNow, keepTab, pictureOf, viewCsv, viewNumbers } from "./view_keep.js";
import { encodedBy } from "./measure.js";
import { guideView } from "./guide.js";
import { LESSONS, lessonOf, linkOf } from "./lessons.js";
import { enterStep } from "./tour.js";
import { figureView, meaningTab } from "./view_meaning.js";
import { networkView } from "./view_network.js";
import { treesView } from "./view_trees.js";
import { teacherView } from "./teacher.js";
import { theTwenty, twentyTab } from "./view_twenty.js";
import { canEdit, familyTab } from "./view_family.js";
import { hasSuccessor, successorNow, successorTab } from "./view_successor.js";
import { factsTab, whatIfTab } from "./view_whatif.js";
import { windowTab } from "./view_window.js";
import { t } from "./words.js";

const VIEWS = [controlsView, treesView, networkView, passView, figureView, guideView, teacherView];
const PANELS = { meaning: meaningTab, equations: equationsTab, whatif: whatIfTab, facts: factsTab, twenty: twentyTab, window: windowTab, successor: successorTab, family: familyTab, keep: keepTab };
const SECTIONS = ["trees", "net", "figure", "tabs", "setup"];
let now = null, drawing = 0, clock = null;

function start() {
  let texts;
  try {
    texts = JSON.parse($("texts").textContent);
    openSession(JSON.parse($("data").textContent), texts);
    session.state = stateOfHash(location.hash);
    buildPage();
    for (const id of ["top", "page"]) $(id).hidden = false;
    openStep();
    show();
  } catch (problem) {
    for (const id of ["top", "page"]) $(id).hidden = true;
    $("failure").hidden = false;
    setText($("failure"), (texts?.en.badData ?? $("failure").textContent).replace("{why}", problem.message));
    return;
  }
  $("failure").hidden = true;
  session.listeners.push((state, action) => (action.type === "trained" || action.type === "advance" ? later() : show()));
  onResize.tell = later;
  addEventListener("hashchange", () => {
    if (location.hash === hashOf(session.state)) return;
    session.state = stateOfHash(location.hash);
    openStep();
    tell({ type: "restore" });
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { forgetColours(); show(); });
  if (session.state.sweep > session.lab.reached) session.lab.ask(session.state.sweep);
}

/** The state of a fragment: the network is made first, then everything that names a part of it. */
function stateOfHash(fragment) {
  dispatch({ type: "restore", state: networkOfHash(fragment) });
  const state = viewOfHash(fragment, session.state);
  if (state.sweep > session.lab.reached) session.lab.ask(state.sweep);
  return state;
}

/** A link that names a step of the tour, and no more, opens the page as that step begins; one of a lesson, at its part. */
function openStep() {
  const { tour, sweep } = session.state, lesson = lessonOf(session.state);
  if (lesson) session.state = { ...session.state, section: lesson.section }; // what a phone shows first
  if (tour !== null && session.data.equivalents && !new URLSearchParams(location.hash.slice(1)).has("sweep") && sweep === 0) enterStep(tour);
}

function buildPage() {
  for (const view of VIEWS) view.build();
  const language = $("language");
  language.replaceChildren(...Object.entries(session.texts).map(([code, words]) => el("option", { value: code }, words.language)));
  language.addEventListener("change", () => dispatch({ type: "set", patch: { lang: language.value } }));
  $("tabs").replaceChildren(...TABS.map((tab) => el("button", { type: "button", role: "tab", id: `tab-${tab}`, "data-key": tab, "aria-controls": "panel",
    onclick: () => dispatch({ type: "set", patch: { tab } }) })));
  $("report").hidden = !location.pathname.endsWith("/results/explorer.html"); // it lies beside that page alone
  $("sections").replaceChildren(...SECTIONS.map((section) => el("button", { type: "button", "data-section-of": section, onclick: () => dispatch({ type: "set", patch: { section } }) })));
}

// ---- showing

/** Show what is new with the next frame; of several calls, one. */
function later() {
  if (!drawing) drawing = requestAnimationFrame(() => { drawing = 0; show(); });
}

function show() {
  const { state } = session, begun = performance.now();
  now = compute(state);
  now.rightAfter = rightAfter(now);
  session.now = now;
  if (worded !== state.lang) showWords(state.lang);
  for (const view of VIEWS) view.update(now);
  whenChanged($("h-title"), [state.lang, now.task.id], () => { document.title = t(now.task.equivalents ? "title" : "titleOwn"); setText($("h-title"), document.title); });
  showTabs(state);
  showSections(state);
  if (now.lab.problem) setText($("counts"), now.lab.problem);
  if (!state.playing) {
    say();
    const wanted = hashOf(state);
    if (location.hash !== wanted) history.replaceState(null, "", wanted);
  } else play();
  session.frameMs = performance.now() - begun;
}

let worded = "";
function showWords(lang) {
  worded = lang;
  document.documentElement.lang = lang;
  for (const node of document.querySelectorAll("[data-t]")) setText(node, t(node.dataset.t));
  for (const node of document.querySelectorAll("[data-label]")) node.setAttribute("aria-label", t(node.dataset.label));
  $("language").value = lang;
}

function showTabs(state) {
  const there = (tab) => (session.data.part && ["facts", "twenty"].includes(tab) ? false : tab === "window" ? Boolean(session.data.window) && !state.family : tab === "successor" ? hasSuccessor() : tab !== "family" || canEdit());
  const tab = there(state.tab) ? state.tab : "meaning";
  for (const button of $("tabs").children) {
    const own = button.dataset.key === tab;
    button.hidden = !there(button.dataset.key);
    setText(button, t(`tab_${button.dataset.key}`));
    setAttributes(button, { "aria-selected": String(own), tabindex: own ? "0" : "-1" });
  }
  whenChanged($("tabs"), [tab, state.lang], () => {
    roving($("tabs"), $(`tab-${tab}`));
    setAttributes($("panel"), { "aria-labelledby": `tab-${tab}` });
    $("panel").replaceChildren();
    $("panel").key = "";
  });
  PANELS[tab].update($("panel"), now);
}

/** On a phone one section stands on the screen at a time; and a link may hide parts of the page. */
function showSections(state) {
  whenChanged($("sections"), [state.section, state.lang, state.hide], () => {
    for (const button of $("sections").children) {
      setText(button, t(`section_${button.dataset.sectionOf}`));
      setAttributes(button, { "aria-pressed": String(button.dataset.sectionOf === state.section) });
    }
    $("page").dataset.section = document.body.dataset.section = state.section;
    for (const node of document.querySelectorAll("[data-hide]")) node.classList.toggle("taken", state.hide.includes(node.dataset.hide) || Boolean(session.data.part && ["recipe", "seed", "facts"].includes(node.dataset.hide)));
  });
}

/** Only a choice speaks: the answer, where it was asked for; and the end of a training. */
let said = "";
function say() {
  const text = `${$("answer").textContent} ${altered(session.state) && $("broken") ? $("broken").firstChild?.textContent ?? "" : ""}`;
  const key = [session.state.person, session.state.relation, [...session.state.off], session.state.lang, now.sweep].join();
  if (key !== said) setText($("said"), text);
  said = key;
}

// ---- playing: the page follows the training at the speed that was chosen

function play() {
  if (clock !== null) return;
  let last = performance.now(), at = session.state.sweep;
  const tick = (time) => {
    const { state, lab } = session;
    if (!state.playing) { clock = null; return; }
    if (Math.floor(at) !== state.sweep && state.sweep < at - 1) at = state.sweep; // another network, from its start
    const speed = SPEEDS[state.speed], before = Math.floor(at);
    at = Math.min(at + (speed * Math.min(100, Math.max(0, time - last))) / 1000, lab.reached, lab.last);
    last = time;
    const next = speed > 100 && at < lab.last ? Math.floor(at) - (Math.floor(at) % 5) : Math.floor(at);
    if (next > before || next >= lab.last || next > state.sweep) dispatch({ type: "advance", sweep: Math.max(next, state.sweep), last: next >= lab.last });
    clock = requestAnimationFrame(tick);
  };
  clock = requestAnimationFrame(tick);
}

start();

// ---- for tests, and for whoever wants to look behind the page with the browser's console
const inputsFor = (person, relation) => ({ person: oneHot(session.task.people.length, [person]), relation: oneHot(session.task.relations.length, [relation]) });
window.familyTrees = { session, dispatch, get now() { return now; }, get view() { return session.state; }, get data() { return session.data; },
  get task() { return session.task; }, get net() { return session.lab.network; }, hash: () => hashOf(session.state), play,
  weights: (sweep) => session.lab.at(sweep).weights.map((w) => [...w]),
  fingerprint: () => fingerprintNow(now),
  answers: (person, relation) => [...forward(now.network, now.moment.weights, inputsFor(person, relation)).y[now.network.output.name]],
  gradient: () => gradient(now.network, now.moment.weights, now.lab.cases, now.recipe).map((v) => [...v]),
  backward: (person, relation) => { const at = now.task.caseAt(person, relation), answers = at < 0 ? [] : now.task.cases[at][2];
    return bothPasses(now.network, now.moment.weights, inputsFor(person, relation), oneHot(now.task.people.length, answers), now.recipe).dEdw.map((v) => [...v]); },
  step: (key, i, j) => stepOf(now, [String(key), i, j]),
  told: (layer, k) => encodedBy(now.lab, now.named, layer, k, now.moment.moment),
  trainedAgain: () => makeTrainer(now.network, now.recipe, now.lab.cases, { seed: session.state.seed, number: session.state.number }).trainTo(now.recipe.sweeps).fingerprint(),
  paths: (layer, k) => paths(now.network, now.weights, now.y, now.back, layer, k, now.recipe, now.state.off).ways,
  facts: taskOfFamily, openModel, twenty: theTwenty, successor: () => successorNow(now), lessons: () => LESSONS.map((each) => [each.key, linkOf(each, session.state.lang), each.answer(now)]), numbers: () => viewNumbers(now), csv: () => viewCsv(now), picture: () => pictureOf(now) };
