// The chain rule, path by path.
import { slope } from "./engine.js";
import { named } from "./network.js";

/** The ways from the output units down to a unit, along which its dE/dx adds up: how many there are, their sum, and the
 *  `most` strongest, each with its factors, multiplied and listed. The strongest ways to a unit begin with the strongest
 *  ways to the units above, so no more than these are ever kept. */
export function paths(network, weights, y, back, layer, place, recipe, off = new Set(), most = Infinity) {
  const output = network.output.name, known = new Map();
  const strongest = (ways) => ways.sort((a, b) => Math.abs(b.value) - Math.abs(a.value)).slice(0, most);
  const atOutput = (k) => {
    const value = back.dEdx[output][k];
    if (!value) return { count: 0, sum: 0, ways: [] };
    const factors = recipe.error_signal === "squared"
      ? [["dE/dy", back.dEdy[output][k]], ["slope", slope(network, output, y[output][k])]]
      : [["dE/dx", value]];
    return { count: 1, sum: value, ways: [{ units: [[output, k]], factors, value }] };
  };
  const below = (name, k) => {
    const own = slope(network, name, y[name][k]), found = { count: 0, sum: 0, ways: [] };
    if (off.has(`${name}.${k}`)) return found;
    for (const higher of network.computed)
      if (higher.sees.includes(name))
        for (let j = 0; j < higher.units; j++) {
          const w = weights[network.key(name, higher.name)][k * higher.units + j], above = to(higher.name, j);
          found.count += above.count;
          found.sum += above.sum * w * own;
          for (const way of above.ways)
            found.ways.push({
              units: [...way.units, [name, k]],
              factors: [...way.factors, ["w", w], ["slope", own]],
              value: way.value * w * own,
            });
        }
    found.ways = strongest(found.ways);
    return found;
  };
  const to = (name, k) => {
    const key = `${name}.${k}`;
    if (!known.has(key)) known.set(key, name === output ? atOutput(k) : below(name, k));
    return known.get(key);
  };
  return to(layer, place);
}
