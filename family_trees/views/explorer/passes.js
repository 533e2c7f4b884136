// One question on its way up, and its error on its way back, a stage at a time.
import { BIAS } from "./network.js";
import { $, el, setAttributes, setText, whenChanged } from "./dom.js";
import { dispatch } from "./session.js";
import { label, t, towards } from "./words.js";

/** The stages for a network: the question; up, layer by layer; the error; down again; the change of the weights.
 *  Each has the words of its caption, the layers that are lit, and the numbers of its equations. */
export function passStages({ network }) {
  const level = {};
  for (const { name, sees } of network.layers) level[name] = sees.length ? 1 + Math.max(0, ...sees.filter((s) => s !== BIAS).map((s) => level[s])) : 0;
  const top = level[network.output.name], at = (n) => network.layers.filter(({ name }) => level[name] === n).map(({ name }) => name);
  const stages = [{ kind: "question", layers: at(0), up: true, level: 0, equations: "" }];
  for (let n = 1; n <= top; n++) stages.push({ kind: n === top ? "answer" : "up", layers: at(n), up: true, level: n, equations: "1, 2" });
  stages.push({ kind: "error", layers: at(top), up: false, level: top, equations: "3, 4, 5" });
  for (let n = top - 1; n >= 1; n--) stages.push({ kind: "down", layers: at(n), up: false, level: n, equations: "7, 5" });
  stages.push({ kind: "change", layers: [], up: false, level: 0, equations: "6, 8, 9" });
  return stages.map((stage) => ({ ...stage, of: level }));
}

/** What the picture shows now: everything, or what one stage of the two passes has reached. */
export function stageNow(now) {
  const { state } = now;
  if (state.pass === null) return { name: state.flow, flow: state.flow, shows: () => true, lit: () => false, draws: () => true };
  const stages = passStages(now), stage = stages[Math.min(state.pass, stages.length - 1)];
  const { up, level, of, layers, kind } = stage;
  return {
    name: `pass ${state.pass}`, flow: up ? "activity" : "error", lines: kind === "change" ? "share" : null, stage,
    shows: (layer) => (up ? of[layer] <= level : of[layer] >= level),
    lit: (layer) => layers.includes(layer),
    draws: (below, above) => kind === "change" || (up ? of[above] === level : kind === "down" && of[below] === level),
  };
}

/** Whether an output unit is wrong, but stuck near 0 or 1: its slope is almost 0, so almost nothing of its error goes back. */
export function isStuck({ back, network }, k) {
  const wrong = back.sent[k], { name } = network.output;
  return Math.abs(wrong) > 0 && Math.abs(back.dEdx[name][k]) < STUCK * Math.abs(wrong);
}
const STUCK = 0.1;

/** A second sentence for the error, where an output unit is stuck. */
const stuckWords = (now) => (now.at >= 0 && now.out.some((_, k) => isStuck(now, k)) ? ` ${t("stuckCaption")}` : "");

/** What the lines and squares show while no pass is stepped through; nothing where the buttons say it. */
function flowWords(now) {
  const { flow } = now.state;
  if (flow === "error") return now.at < 0 ? t("noDesired") : t("errorCaption") + stuckWords(now);
  if (flow !== "changes") return "";
  return t(!now.moment.changes ? "noChange" : now.sweep === 0 ? "changesNone" : "changesCaption");
}

export const passView = { build: buildPass, update: updatePass };

function buildPass() {
  $("pass").replaceChildren(
    el("button", { type: "button", id: "pass-back", onclick: () => go(-1) }, "◀"),
    el("button", { type: "button", id: "pass-next", onclick: () => go(1) }),
    el("button", { type: "button", id: "pass-end", onclick: () => dispatch({ type: "set", patch: { pass: null } }) }, "✕"));
}

let passNow = null;
function go(by) {
  const stages = passStages(passNow), { pass } = passNow.state, next = (pass ?? -1) + by;
  dispatch({ type: "set", patch: { pass: next < 0 || next >= stages.length ? null : next, playing: false } });
}

function updatePass(now) {
  passNow = now;
  const { pass, lang, flow } = now.state, open = pass !== null, stages = passStages(now), at = Math.min(pass ?? 0, stages.length - 1);
  whenChanged($("pass"), [pass, lang, flow, now.lab.id, now.at < 0, now.sweep === 0, stuckWords(now)], () => {
    for (const id of ["pass-back", "pass-end"]) $(id).hidden = !open;
    $("pass-caption").hidden = !open && !flowWords(now);
    setText($("pass-next"), open ? `▶ ${t("passOf", { at: at + 1, of: stages.length })}` : `▶ ${t("passStart")}`);
    setAttributes($("pass-back"), { "aria-label": t("back"), disabled: pass === 0 ? "" : null });
    setAttributes($("pass-end"), { "aria-label": t("passEnd") });
    if (!open) return setText($("pass-caption"), flowWords(now));
    const { kind, layers, equations } = stages[at];
    const more = kind === "error" ? stuckWords(now) : "";
    const words = now.at < 0 && !stages[at].up ? t("noDesired") : t(`pass_${kind}`, { layer: layers.map(label).join(" + "), to: towards(layers.map(label).join(" + ")) });
    setText($("pass-caption"), words + more + (equations ? ` ${t("equationNumbers", { numbers: equations })}` : ""));
  });
}
