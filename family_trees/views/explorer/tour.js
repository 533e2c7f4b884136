// The tour: nine steps, each with one sentence, one action, and one result that can be seen.
import { compute, counts } from "./now.js";
import { passStages } from "./passes.js";
import { sharesOf } from "./measure.js";
import { dispatch, firstStateOf, session } from "./session.js";
import { withSetting } from "./store.js";
import { successorNow } from "./view_successor.js";
import { theTwenty } from "./view_twenty.js";
import { endsWithConsonant, fmt, listed, t, towards, unitName } from "./words.js";

const LAST = 1500, FAST = 3, SLOWER = 2, RANGE = 1.4, LEARNS = 0.07, STAGE_MS = 1200;

const set = (patch) => dispatch({ type: "set", patch });
const people = (...names) => names.map((name) => session.task.people.indexOf(name));
const caseOf = (person, relation) => session.task.caseAt(...people(person), session.task.relations.indexOf(relation));
const aunt = () => ({ person: people("Colin")[0], relation: session.task.relations.indexOf("aunt") });
const playOn = (patch = {}) => {
  if (Object.keys(patch).length) set(patch);
  dispatch({ type: "play", from: session.state.sweep >= session.lab.last ? 0 : session.state.sweep });
};
const hardFacts = () => [caseOf("Arthur", "wife"), caseOf("Colin", "aunt")].sort((a, b) => a - b);
const trained = (now) => now.sweep >= now.lab.last;

/** The unit of the person code that tells best by a distinction: its place, and the share that is explained. */
function unitFor(now, name) {
  const each = now.named.find(({ layer }) => layer === "person code"), d = each.distinctions.findIndex((one) => one.name === name);
  const shares = sharesOf(now.network, now.named, now.moment.moment)["person code"].map((of) => of[d]);
  return shares.reduce((best, share, k) => (share > best.share ? { k, share } : best), { k: 0, share: -1 });
}

/** Guess what unit 2 means: the right guess is the distinction that explains most of it. */
function guess(name) {
  return () => set({ guess: name });
}
function guessed(now) {
  if (!now.state.guess) return "";
  const each = now.named.find(({ layer }) => layer === "person code"), shares = sharesOf(now.network, now.named, now.moment.moment)["person code"][1];
  const best = shares.reduce((most, share, d) => (share > shares[most] ? d : most), 0), name = t(each.distinctions[best].name);
  return t(each.distinctions[best].name === now.state.guess ? "tour4_right" : "tour4_wrong", { name, subject: endsWithConsonant(name) ? "이" : "가", share: `${Math.round(100 * shares[best])}%` });
}

const inferred = (now, person, relation, name) => t(now.moment.right[caseOf(person, relation)] ? "tour6_inferred" : "tour6_not", { case: t(name) });

/** The hidden unit below the output with the largest |dE/dx|: there most error comes back. */
function unitWithMostError() {
  const { dEdx } = compute(session.state).back, sizes = [...dEdx.penultimate].map(Math.abs);
  return ["penultimate", sizes.indexOf(Math.max(...sizes))];
}

/** What the last sweep did: to the error, and to one weight, the one into the chosen unit that changed most. */
function whatChanged(now) {
  const before = now.lab.at(now.sweep - 1), { network, moment } = now, unit = now.state.unit;
  const [layer, j] = unit && network.layer[unit[0]].sees.length ? unit : unitWithMostError(), wide = network.units[layer];
  const into = network.layer[layer].sees.flatMap((below) => Array.from({ length: network.units[below] }, (_, i) => {
    const key = network.key(below, layer), from = before.weights[key][i * wide + j], to = moment.weights[key][i * wide + j];
    return { below: [below, i], from, to, size: Math.abs(to - from) };
  }));
  const most = into.reduce((best, each) => (each.size > best.size ? each : best)), [old, then] = [before.error, moment.error];
  return t(then < old ? "tour2_result" : "tour2_grew", { sweep: now.sweep, before: fmt(old), after: fmt(then), to: towards(fmt(then)),
    below: unitName(most.below), above: unitName([layer, j]), old: fmt(most.from), new: fmt(most.to), toNew: towards(fmt(most.to)) });
}

/** Play the stages of the way back, from the error to the change of the weights. */
function sendBack() {
  const stages = passStages(session.now), play = (pass) => {
    set({ pass, sweep: 0, playing: false });
    if (pass + 1 < stages.length) setTimeout(() => { if (session.state.tour === 1 && session.state.pass === pass) play(pass + 1); }, STAGE_MS);
  };
  play(stages.findIndex(({ kind }) => kind === "error"));
}

/** The one who is named, if it is somebody of the other nationality, for Colin's aunts. */
function stranger(now) {
  const { groups } = now.task.groups.person.find(({ name }) => name === "nationality"), { person, relation } = aunt(), { state, out } = now;
  if (state.person !== person || state.relation !== relation) return "";
  const first = [...out.keys()].filter((k) => out[k] > 0.5 && groups[k] !== groups[person]).sort((a, b) => out[b] - out[a])[0];
  return first === undefined ? "" : ` ${t("tour5_names", { name: now.task.people[first] })}`;
}
const names = (now) => listed([...now.out].map((y, k) => [y, k]).filter(([y]) => y > 0.5).sort((a, b) => b[0] - a[0]).map(([, k]) => now.task.people[k])) || t("nobody");

export const TOUR = [
  { key: "tour1", section: "net", enter: () => ({ sweep: 0 }),
    actions: [["ask", () => set({ pass: 4 })]], result: (now) => (now.state.pass === 4 ? t("tour1_result", { names: names(now) }) : "") },
  { key: "tour2", section: "net", enter: () => ({ sweep: 0, tab: "equations" }), then: () => ({ unit: unitWithMostError() }),
    actions: [["back", sendBack], ["one", () => { set({ flow: "changes", pass: null }); dispatch({ type: "sweep", sweep: Math.min(session.lab.last, session.state.sweep + 1) }); }]],
    result: (now) => (now.sweep > 0 ? whatChanged(now) : "") },
  { key: "tour3", section: "trees", enter: () => ({ sweep: 0 }),
    actions: [["train", () => playOn({ speed: SLOWER })]], result: (now) => (now.sweep > 0 ? t(!trained(now) ? "tour3_running" : counts(now).right === counts(now).cases ? "tour3_result" : "tour3_some", { ...counts(now), sweep: now.sweep }) : "") },
  { key: "tour4", section: "figure", enter: () => ({ sweep: LAST, unit: ["person code", 1], guess: "" }),
    actions: ["branch", "generation", "nationality", "sex"].map((name) => [name, guess(name)]), isGuess: true, result: guessed },
  { key: "tour5", section: "tabs", enter: () => ({ sweep: LAST, tab: "whatif", unit: ["person code", 1] }),
    actions: [["off", () => { const { k } = unitFor(session.now, "nationality"); set({ unit: ["person code", k], off: new Set([`person code.${k}`]) }); }]],
    result: (now) => { const broken = now.moment.right.reduce((sum, right, k) => sum + (right && !now.rightAfter[k] ? 1 : 0), 0);
      return now.state.off.size ? t("tour5_result", { broken, right: now.moment.right.reduce((a, b) => a + b, 0) }) + stranger(now) : ""; } },
  { key: "tour6", section: "tabs", enter: () => ({ sweep: 0, tab: "facts", number: 0, heldOut: hardFacts() }),
    actions: [["train", () => playOn({ speed: FAST })]], result: (now) => (trained(now) ? `${inferred(now, "Colin", "aunt", "tour6_aunts")} ${inferred(now, "Arthur", "wife", "tour6_wife")} ${t("tour6_why")}` : now.sweep ? t("tour3_running", { ...counts(now), sweep: now.sweep }) : "") },
  { key: "tour7", section: "tabs", enter: () => ({ tab: "twenty", sweep: 0 }),
    actions: [["train", () => set({ twenty: true })]],
    result: (now) => { const found = theTwenty().filter(Boolean), done = found.length && found.every((each) => each.sweep >= LAST);
      return now.state.twenty && found.length ? t(done ? "tour7_result" : "tour7_running", { all: found.filter((each) => each.count === each.cases).length, count: found.length, sweep: Math.min(...found.map((each) => each.sweep)) }) : ""; } },
  { key: "tour8", section: "tabs", enter: () => ({ tab: "window", sweep: 0, recipe: printed() }),
    actions: [["train", () => playOn({ speed: FAST })], ["epsilon", () => { dispatch({ type: "recipe", recipe: withSetting(printed(), "epsilon", LEARNS) }); playOn({ speed: FAST }); }]],
    result: (now) => (trained(now) ? t(counts(now).right > 50 ? "tour8_learned" : "tour8_failed", { ...counts(now), epsilon: now.recipe.epsilon[1], decay: `${fmt(100 * now.recipe.decay)}%` }) : now.sweep ? t("tour3_running", { ...counts(now), sweep: now.sweep }) : "") },
  { key: "tour9", section: "tabs", enter: () => ({ sweep: 0, tab: "successor", number: 0, heldOut: hardFacts(), person: people("Arthur")[0], relation: session.task.relations.indexOf("wife") }),
    actions: [["train", () => playOn({ speed: FAST })]],
    result: (now) => { const successor = successorNow(now);
      return trained(now) && successor?.done ? `${t("tour9_result", { network: names(now), successor: successor.names })} ${!now.right && successor.right ? t("tour9_why") : ""}` : now.sweep ? t("trainingNow", trained(now) && successor ? { sweep: successor.sweep, until: successor.lab.last } : { sweep: now.sweep, until: now.lab.last }) : ""; } },
];

/** The printed recipe, with an initial range for which equations and measurement agree on the smallest epsilon. */
const printed = () => ({ ...session.data.recipes.published, initial_range: RANGE });

/** Open a step: each can be entered from anywhere, since it sets all that it needs. */
export function enterStep(step) {
  const { section } = TOUR[step], base = { ...firstStateOf(session.data), ...aunt(), lang: session.state.lang, section, tour: step };
  dispatch({ type: "restore", state: { ...base, ...TOUR[step].enter() } });
  if (TOUR[step].then) set(TOUR[step].then()); // what can be chosen only in the network of the step
  document.querySelector(`[data-section="${section}"]`)?.scrollIntoView({ block: "nearest" });
}

/** Leave the tour; the page stays as it is. */
export const leaveTour = () => set({ tour: null, guess: null });
