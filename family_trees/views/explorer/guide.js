// The guide above the page: a step of the tour, a lesson with its question, or the task that a teacher set by a link.
import { $, el, refill, setText, whenChanged } from "./dom.js";
import { counts } from "./now.js";
import { lessonOf, lessonParts } from "./lessons.js";
import { dispatch, session } from "./session.js";
import { TOUR, enterStep, leaveTour } from "./tour.js";
import { t } from "./words.js";

export const guideView = { build: buildGuide, update: updateGuide };

function buildGuide() {
  $("tour-start").addEventListener("click", () => startTour());
  $("guide").addEventListener("keydown", (event) => { if (event.key !== "Escape") return;
    if (session.state.tour !== null) leave();
    else if (finished) close();
  });
}

/** Where the tour was left; from there it goes on. */
let leftAt = 0, finished = false;
function startTour() {
  finished = false;
  enterStep(leftAt);
  focusGuide();
}
function leave() {
  leftAt = session.state.tour;
  leaveTour();
  $("tour-start").focus();
}
/** After the last step: what was seen, and the way back to the first one. */
function finish() {
  leftAt = 0;
  finished = true;
  leaveTour();
  focusGuide();
}
function close() {
  finished = false;
  dispatch({ type: "set", patch: {} });
  $("tour-start").focus();
}
/** The keyboard goes to what is to be done: the first button of the step. */
const focusGuide = () => ($("guide").querySelector(".guide-actions button") ?? $("guide").querySelector("button"))?.focus();

function goToStep(step) {
  enterStep(step);
  focusGuide();
}

function updateGuide(now) {
  const { state } = now, box = $("guide"), lesson = lessonOf(state), step = state.tour === null ? null : TOUR[Math.min(state.tour, TOUR.length - 1)];
  $("tour-start").hidden = !now.data.equivalents || now.state.family || step !== null;
  setText($("tour-start"), leftAt ? t("tourAgain", { step: leftAt + 1 }) : t("tourStart"));
  if (step || lesson || state.step) finished = false;
  const open = Boolean((step && now.data.equivalents) || lesson || state.step || finished);
  box.hidden = !open;
  whenChanged(box, [open, finished, state.tour, state.lesson, state.step, state.lang, now.task.id], () => {
    if (!open) box.replaceChildren();
    else if (finished) refill(box, ...closingParts());
    else if (step) refill(box, ...tourParts(step, state.tour));
    else refill(box, ...(lesson ? lessonParts(lesson) : [el("p", { class: "task" }, state.step)]));
  });
  if (step && open) setText(box.querySelector(".guide-result"), step.result(now));
}

const closingParts = () => [el("p", {}, t("tourClosing")), el("div", { class: "line guide-actions" },
  el("button", { type: "button", class: "main", id: "tour-again", onclick: startTour }, t("tourOnceMore")), el("button", { type: "button", id: "tour-close", onclick: close }, t("close")))];

function tourParts(step, at) {
  const last = at === TOUR.length - 1;
  return [
    el("div", { class: "line" }, el("strong", {}, t("tourStep", { at: at + 1, of: TOUR.length })), el("h2", {}, t(`${step.key}_title`)),
      el("div", { class: "line end", role: "group", "aria-label": t("tourSteps") }, ...TOUR.map((_, k) => el("button", { type: "button", class: "dot-button", "data-key": `tour${k}`, "aria-label": t("tourStep", { at: k + 1, of: TOUR.length }), "aria-current": k === at ? "step" : null, onclick: () => goToStep(k) }, String(k + 1))))),
    el("p", {}, t(`${step.key}_text`, counts(session.now))),
    el("div", { class: "line guide-actions" }, ...step.actions.map(([name, run], k) => el("button", { type: "button", class: k === 0 && !step.isGuess ? "main" : "", "data-key": name, onclick: run }, t(`${step.key}_${name}`))),
      el("p", { class: "guide-result", role: "status" }),
      el("div", { class: "line end" }, el("button", { type: "button", id: "tour-back", disabled: at === 0, onclick: () => goToStep(at - 1) }, t("back")),
        el("button", { type: "button", id: "tour-next", onclick: () => (last ? finish() : goToStep(at + 1)) }, t(last ? "tourEnd" : "next")),
        el("button", { type: "button", id: "tour-leave", onclick: leave }, t("tourLeave")))),
  ];
}
