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
    name: `pass ${state.pass}`, flow: up ? "activity" : "error", stage,
    shows: (layer) => (up ? of[layer] <= level : of[layer] >= level),
    lit: (layer) => layers.includes(layer),
    draws: (below, above) => kind === "change" || (up ? of[above] === level : kind === "down" && of[below] === level),
  };
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
  whenChanged($("pass"), [pass, lang, flow, now.lab.id, now.at < 0], () => {
    for (const id of ["pass-back", "pass-end"]) $(id).hidden = !open;
    $("pass-caption").hidden = !open && flow !== "error";
    setText($("pass-next"), open ? `▶ ${t("passOf", { at: at + 1, of: stages.length })}` : `▶ ${t("passStart")}`);
    setAttributes($("pass-back"), { "aria-label": t("back"), disabled: pass === 0 ? "" : null });
    setAttributes($("pass-end"), { "aria-label": t("passEnd") });
    if (!open) return setText($("pass-caption"), flow === "error" ? t("errorCaption") : "");
    const { kind, layers, equations } = stages[at];
    const words = now.at < 0 && !stages[at].up ? t("noDesired") : t(`pass_${kind}`, { layer: layers.map(label).join(" + "), to: towards(layers.map(label).join(" + ")) });
    setText($("pass-caption"), words + (equations ? ` ${t("equationNumbers", { numbers: equations })}` : ""));
  });
}
