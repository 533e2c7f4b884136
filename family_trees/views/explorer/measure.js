// What units encode: the share of the variance of their weights that a distinction explains (eta squared), as in
// analysis/encoding.py. Chance is measured with shuffled names.
import { weightsOf } from "./network.js";
import { uniforms } from "./random.js";

/** A unit encodes a distinction that explains at least this share of the variance of its weights. */
export const ENCODES = 0.5;
const SHUFFLES = 100, MOST_SHUFFLED = 200, QUANTILE = 0.95, LARGEST = 1e100;

/** The layers whose units are connected to names, and the connection that holds these weights. */
export function namedLayersOf(network, groups) {
  const found = [], output = network.output.name;
  const add = (layer, group, connection, outgoing) => {
    if (groups[group]?.length) found.push({ layer, group, connection, outgoing, units: network.units[layer], distinctions: groups[group] });
  };
  for (const { name, sees } of network.computed) {
    if (sees.includes("person") && name !== output) add(name, "person", network.key("person", name), false);
    else if (sees.includes("relation") && name !== output) add(name, "relation", network.key("relation", name), false);
    else if (network.layer[output].sees.includes(name)) add(name, "person", network.key(name, output), true);
  }
  return found;
}

/** The weights of unit k to its names. */
export function weightsToNames({ units, outgoing }, w, k) {
  const names = w.length / units;
  return Float64Array.from({ length: names }, (_, n) => (outgoing ? w[k * names + n] : w[n * units + k]));
}

/** Eta squared of values, of names in groups; names of group -1 are left out. */
export function etaSquared(values, groups) {
  const sums = [], sizes = [];
  let total = 0, count = 0;
  for (let n = 0; n < values.length; n++) {
    const g = groups[n];
    if (g < 0) continue;
    sums[g] = (sums[g] ?? 0) + values[n];
    sizes[g] = (sizes[g] ?? 0) + 1;
    total += values[n];
    count++;
  }
  const mean = total / count;
  let between = 0, whole = 0;
  for (const [g, sum] of sums.entries()) if (sizes[g]) between += sizes[g] * (sum / sizes[g] - mean) ** 2;
  for (let n = 0; n < values.length; n++) if (groups[n] >= 0) whole += (values[n] - mean) ** 2;
  return whole > 0 && between <= whole * 1.000001 ? Math.min(1, between / whole) : 0;
}

/** Of a moment, by layer: shares[unit][distinction]. Kept with the moment, since it is asked for again and again. */
export function sharesOf(network, named, moment) {
  if (moment.shares?.named === named) return moment.shares.byLayer;
  const weights = weightsOf(network, moment.weights, 0), byLayer = {};
  for (const each of named) {
    const w = weights[each.connection];
    byLayer[each.layer] = Array.from({ length: each.units }, (_, k) => {
      const values = weightsToNames(each, w, k);
      return each.distinctions.map(({ groups }) => (values.every((v) => Math.abs(v) < LARGEST) ? etaSquared(values, groups) : 0));
    });
  }
  moment.shares = { named, byLayer };
  return byLayer;
}

let shuffles = null;
/** The same shuffles of names every time: places in another order. */
function shufflesOf(count) {
  if (shuffles?.count !== count)
    shuffles = { count, all: Array.from({ length: SHUFFLES }, (_, k) => {
      const u = uniforms(0, k, 3, 0, count);
      return Int32Array.from(u, (_, n) => n).sort((a, b) => u[a] - u[b] || a - b);
    }) };
  return shuffles.all;
}

/** The share that the best unit of a layer stays below in 19 of 20 shuffles of the names; null where there are too many names to shuffle
 *  between two frames. */
export function chanceOf(each, w, distinction) {
  const { groups } = distinction;
  if (groups.length > MOST_SHUFFLED) return null;
  const values = Array.from({ length: each.units }, (_, k) => weightsToNames(each, w, k));
  const best = shufflesOf(groups.length).map((order) => {
    const shuffled = Array.from(order, (n) => groups[n]);
    return Math.max(...values.map((of) => etaSquared(of, shuffled)));
  }).sort((a, b) => a - b);
  return best[Math.floor(QUANTILE * (best.length - 1))];
}

/** What a unit encodes at a sweep, the largest share first: { name, share, since }, where `since` is the sweep of the first
 *  moment from which on it did without a break. */
export function encodedBy(lab, named, layer, k, moment) {
  const each = named.find((one) => one.layer === layer);
  if (!each) return null;
  const shares = sharesOf(lab.network, named, moment)[layer][k];
  return each.distinctions.map(({ name }, d) => ({ name, share: shares[d], since: sinceOf(lab, named, layer, k, d, moment.sweep) }))
    .sort((a, b) => b.share - a.share);
}

function sinceOf(lab, named, layer, k, d, sweep) {
  let first = null;
  for (let m = lab.moments.length - 1; m >= 0; m--) {
    const moment = lab.moments[m];
    if (moment.sweep > sweep) continue;
    if (sharesOf(lab.network, named, moment)[layer][k][d] < ENCODES) break;
    first = moment.sweep;
  }
  return first;
}
