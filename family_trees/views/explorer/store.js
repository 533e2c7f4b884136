// The state of the page, the one source of what it shows, and how actions change it. A state is never changed in place.

/** How many sweeps a second the page plays, by choice. */
export const SPEEDS = [5, 60, 300, 3000];

export const FLOWS = ["activity", "error", "weights", "changes"];
export const TABS = ["meaning", "equations", "whatif", "facts", "twenty", "window", "successor", "family", "keep"];
/** How many steps the tour has. */
export const TOUR_STEPS = 9;

/** The state in which the page of `data` opens: an untrained network, and a question. */
export function firstState(data, drawnHeldOut) {
  const usual = data.cases.findIndex((c) => data.people[c[0]] === "Colin" && data.relations[c[1]] === "aunt");
  const [person, relation] = data.cases[data.first ?? Math.max(0, usual)] ?? data.cases[0];
  return {
    lang: "en", person, relation, unit: null, weight: null, off: new Set(), flips: new Set(), swap: null,
    sweep: 0, playing: false, speed: 2, flow: "activity", pass: null, tab: "meaning",
    family: null, recipe: data.recipe, seed: data.seed, number: data.network,
    heldOut: drawnHeldOut ? null : data.heldOut, heldCount: data.heldOut.length,
    twenty: false, tour: null, guess: null, lesson: null, step: "", hide: [], section: "trees",
  };
}

/** What makes a network: where one of these differs, it is another one, and begins at sweep 0. */
const OF_NETWORK = ["recipe", "seed", "number", "heldOut", "heldCount", "family"];
export const isAnotherNetwork = (one, other) => OF_NETWORK.some((key) => one[key] !== other[key]);

export function reduce(state, action) {
  const next = change(state, action);
  return isAnotherNetwork(state, next) && action.type !== "restore"
    ? { ...next, sweep: 0, playing: next.playing && action.type !== "family" } : next;
}

function change(state, action) {
  switch (action.type) {
    case "set": return { ...state, ...action.patch };
    case "restore": return action.state;
    case "ask": return { ...state, person: action.person ?? state.person, relation: action.relation ?? state.relation };
    case "unit": return { ...state, unit: action.unit, weight: null };
    case "weight": return { ...state, weight: action.weight };
    case "off": return { ...state, off: toggled(state.off, action.unit) };
    case "flip": return { ...state, flips: toggled(state.flips, action.weight) };
    case "swap": return { ...state, swap: action.swap };
    case "reset": return { ...state, off: new Set(), flips: new Set(), swap: null };
    case "play": return { ...state, playing: true, sweep: action.from ?? state.sweep };
    case "pause": return { ...state, playing: false, sweep: action.sweep ?? state.sweep };
    case "sweep": return { ...state, playing: false, sweep: Math.max(0, action.sweep) };
    case "advance": return { ...state, sweep: action.sweep, playing: !action.last };
    case "recipe": return { ...state, recipe: action.recipe };
    case "setting": return { ...state, recipe: withSetting(state.recipe, action.key, action.value) };
    case "network": return { ...state, number: action.number ?? state.number, seed: action.seed ?? state.seed };
    case "hold": return { ...state, heldOut: [...toggled(new Set(action.held), action.at)].sort((a, b) => a - b) };
    case "family": return { ...state, family: action.family, person: action.person, relation: action.relation, heldOut: null, heldCount: action.heldCount,
      unit: null, weight: null, off: new Set(), flips: new Set(), swap: null };
    case "draw": return { ...state, heldOut: null, heldCount: action.count };
    default: throw new Error(`no action ${action.type}`);
  }
}

function toggled(set, value) {
  const next = new Set(set);
  if (!next.delete(value)) next.add(value);
  return next;
}

/** A recipe with another number. The first phase keeps its share of epsilon; momentum is that of the second phase. */
export function withSetting(recipe, key, value) {
  const share = recipe.epsilon[0] / recipe.epsilon[1];
  const changed = key === "epsilon" ? [neat(value * share), value] : key === "alpha" ? [recipe.alpha[0], value] : value;
  return { ...recipe, [key]: changed };
}

/** A product of decimals as the decimal that it stands for. */
const neat = (value) => Number(value.toPrecision(12));

/** Whether two recipes train alike, whatever their names. */
export function sameRecipe(one, other) {
  return Object.keys({ ...one, ...other }).every((key) => key === "name" || String(one[key]) === String(other[key]));
}
