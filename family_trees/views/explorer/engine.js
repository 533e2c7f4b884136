// The network of the page: the paper's equations 1 to 9, as in network.py and learning.py, for one network.
// Everything here is a function of its arguments; weights are one Float64Array a connection, [below * unitsAbove + above].

export const BIAS = "bias";

/** Numbers from base64: little-endian floats of 64 or 32 bits. */
export function decode(text, bits = 64) {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0)), size = bits / 8;
  const view = new DataView(bytes.buffer);
  return Float64Array.from({ length: bytes.length / size }, (_, k) => bits === 64 ? view.getFloat64(8 * k, true) : view.getFloat32(4 * k, true));
}

/** Layers by name, and connections by the number of their place in a snapshot. */
export function makeNetwork(layers) {
  const units = named({ [BIAS]: 1 }), connections = [];
  for (const layer of layers) units[layer.name] = layer.units;
  let offset = 0;
  for (const layer of layers)
    for (const below of layer.sees) {
      const size = units[below] * units[layer.name];
      connections.push({ key: String(connections.length), below, above: layer.name, offset, size });
      offset += size;
    }
  return {
    layers, units, connections, size: offset,
    inputs: layers.filter((layer) => !layer.sees.length),
    computed: layers.filter((layer) => layer.sees.length),
    output: layers[layers.length - 1],
    layer: named(Object.fromEntries(layers.map((layer) => [layer.name, layer]))),
    key: (below, above) => connections.find((c) => c.below === below && c.above === above).key,
  };
}

/** Values by names that may be any text, even those that plain objects have a meaning for. */
export const named = (values) => Object.assign(Object.create(null), values);

/** The weights of one snapshot, by connection. */
export function weightsOf(network, numbers, snapshot) {
  const start = snapshot * network.size;
  return network.connections.map((c) => numbers.slice(start + c.offset, start + c.offset + c.size));
}

const ACTIVITY = {
  logistic: (x) => 0.5 * Math.tanh(0.5 * x) + 0.5,
  tanh: Math.tanh,
  relu: (x) => (x > 0 ? x : 0),
  "leaky-relu": (x) => (x > 0 ? x : 0.1 * x),
  elu: (x) => (x > 0 ? x : Math.expm1(x)),
};
const SLOPE = {
  logistic: (y) => y * (1 - y),
  tanh: (y) => 1 - y * y,
  relu: (y) => (y > 0 ? 1 : 0),
  "leaky-relu": (y) => (y > 0 ? 1 : 0.1),
  elu: (y) => (y > 0 ? 1 : y + 1),
};

/** The factor of equation 5, of the activity alone. */
export const slope = (network, layer, y) => SLOPE[network.layer[layer].kind](y);

/** Equations 1 and 2: total inputs x and activities y of every layer. `off`: units held at 0, as "layer.place". */
export function forward(network, weights, inputs, off = new Set()) {
  const x = named({}), y = named({ [BIAS]: new Float64Array([1]), ...inputs });
  for (const layer of network.computed) {
    const total = new Float64Array(layer.units);
    for (const below of layer.sees) {
      const w = weights[network.key(below, layer.name)], from = y[below];
      for (let i = 0; i < from.length; i++)
        if (from[i]) for (let j = 0; j < layer.units; j++) total[j] += from[i] * w[i * layer.units + j];
    }
    x[layer.name] = total;
    if (layer.kind === "softmax") {
      const most = Math.max(...total), raised = total.map((each) => Math.exp(each - most));
      const sum = raised.reduce((a, b) => a + b, 0);
      y[layer.name] = raised.map((each) => each / sum);
    } else y[layer.name] = total.map(ACTIVITY[layer.kind]);
    for (let j = 0; j < layer.units; j++) if (off.has(`${layer.name}.${j}`)) y[layer.name][j] = 0;
  }
  return { x, y };
}

/** d as the error takes it: for softmax units it sums to 1. */
export function target(desired, recipe) {
  if (recipe.error_signal !== "softmax") return desired;
  const sum = desired.reduce((a, b) => a + b, 0) || 1;
  return desired.map((each) => each / sum);
}

/** Equation 3 for one case. */
export function errorOf(y, desired, recipe) {
  const d = target(desired, recipe), tiny = 2.2250738585072014e-308;
  let sum = 0;
  for (let j = 0; j < y.length; j++)
    if (recipe.error_signal === "squared") sum += 0.5 * (y[j] - d[j]) ** 2;
    else {
      sum -= d[j] * Math.log(Math.max(y[j], tiny));
      if (recipe.error_signal === "cross-entropy") sum -= (1 - d[j]) * Math.log(Math.max(1 - y[j], tiny));
    }
  return sum;
}

/** Equations 4 to 7 for one case: dE/dy and dE/dx of every layer that computes, and dE/dw by connection.
 *  `sent` is y - d of the output units, or 0 within the margin; under cross-entropy it is dE/dx itself. */
export function backward(network, weights, y, desired, recipe, off = new Set()) {
  const d = target(desired, recipe), output = network.output.name;
  const dEdy = named({}), dEdx = named({}), dEdw = network.connections.map((c) => new Float64Array(c.size));
  const sent = y[output].map((each, j) => (recipe.margin && Math.abs(each - d[j]) <= recipe.margin ? 0 : each - d[j]));
  if (recipe.error_signal === "squared") {
    dEdy[output] = sent;
    dEdx[output] = sent.map((each, j) => each * slope(network, output, y[output][j]));
  } else dEdx[output] = sent;
  for (const layer of [...network.computed].reverse()) {
    if (layer.name !== output) {
      if (!dEdy[layer.name]) continue;
      dEdx[layer.name] = dEdy[layer.name].map((each, j) =>
        off.has(`${layer.name}.${j}`) ? 0 : each * slope(network, layer.name, y[layer.name][j]));
    }
    const back = dEdx[layer.name];
    for (const below of layer.sees) {
      const key = network.key(below, layer.name), w = weights[key], from = y[below];
      const g = new Float64Array(w.length);
      for (let i = 0; i < from.length; i++)
        for (let j = 0; j < layer.units; j++) g[i * layer.units + j] = from[i] * back[j];
      dEdw[key].set(g);
      if (below !== BIAS && network.layer[below].sees.length) {
        const sum = (dEdy[below] ??= new Float64Array(from.length));
        for (let i = 0; i < from.length; i++)
          for (let j = 0; j < layer.units; j++) sum[i] += back[j] * w[i * layer.units + j];
      }
    }
  }
  return { dEdy, dEdx, dEdw, sent };
}

/** Equation 6 summed over some cases, each { inputs, desired }. */
export function gradient(network, weights, cases, recipe, off = new Set()) {
  const sums = network.connections.map((c) => new Float64Array(c.size));
  for (const each of cases) {
    const { y } = forward(network, weights, each.inputs, off);
    const { dEdw } = backward(network, weights, y, each.desired, recipe, off);
    dEdw.forEach((g, key) => { for (let k = 0; k < g.length; k++) sums[key][k] += g[k]; });
  }
  return sums;
}

/** Equation 9 for one weight, and the weight after it: `before` is its last change, `sum` its gradient over the cases. */
export function weightChange(network, recipe, connection, w, sum, before, sweep, cases) {
  const phase = sweep <= recipe.first_phase ? 0 : 1, alpha = recipe.alpha[phase];
  let epsilon = recipe.epsilon[phase];
  if (recipe.averaged) epsilon /= cases;
  if (recipe.fan_in) epsilon /= network.layer[connection.above].sees.reduce((total, each) => total + network.units[each], 0);
  const delta = alpha * before - epsilon * sum;
  const kept = sweep >= recipe.decay_from && (recipe.decay_biases || connection.below !== BIAS) ? 1 - recipe.decay : 1;
  return { epsilon, alpha, delta, kept, after: (w + delta) * kept };
}

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

/** Whether the right units are above 0.5 and every other unit is below (Hinton, CogSci 1986). */
export const isRight = (y, desired) => y.every((each, j) => (desired[j] > 0.5 ? each > 0.5 : each < 0.5));
