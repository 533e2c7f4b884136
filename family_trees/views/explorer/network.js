// A network as data: its layers, the connections between them, and its weights. Weights are one Float64Array a connection,
// [below * unitsAbove + above]. The order of the connections is that of ARITHMETIC.md, "Order of the weights".
import { KINDS } from "./arithmetic.js";

export const BIAS = "bias";

/** Values by names that may be any text, even those that plain objects have a meaning for. */
export const named = (values) => Object.assign(Object.create(null), values);

/** A network of layers { name, units, sees, kind, copies }, from the input up; the last one is the output. Each layer also
 *  has its `place`, the number of the connection of its `bias` (-1 without one), and its `incoming` connections from other
 *  layers: { from: the place of the lower layer, connection: its number }. */
export function makeNetwork(layers) {
  const units = named({ [BIAS]: 1 }), layer = named({}), connections = [];
  let size = 0;
  const connect = (below, above) => {
    const own = units[below] * units[above];
    connections.push({ key: String(connections.length), below, above, offset: size, size: own });
    size += own;
  };
  const all = layers.map((given, place) => {
    const { name, sees, kind, copies } = given, original = copies ? layer[copies] : null;
    if (sees.length && !KINDS.includes(kind) && !(kind === "softmax" && place === layers.length - 1))
      throw new Error(`layer ${name}: its units are of kind ${kind}; give one of ${KINDS.join(", ")}, or softmax on top`);
    for (const below of sees) if (!(below in units)) throw new Error(`layer ${name} sees ${below}, which is no lower layer`);
    if (copies && !(original && original.sees.length === sees.length)) throw new Error(`layer ${name} cannot copy ${copies}`);
    units[name] = given.units;
    if (!copies) for (const below of sees) connect(below, name);
    const numbers = sees.map((_, k) => (copies ? original.numbers[k] : connections.length - sees.length + k));
    const made = { ...given, place, numbers, bias: -1, incoming: [] };
    sees.forEach((below, k) => {
      if (below === BIAS) made.bias = numbers[k];
      else made.incoming.push({ from: layer[below].place, connection: numbers[k] });
    });
    return (layer[name] = made);
  });
  return {
    layers: all, units, connections, size, layer,
    inputs: all.filter((each) => !each.sees.length),
    computed: all.filter((each) => each.sees.length),
    output: all[all.length - 1],
    key: (below, above) => String(layer[above].numbers[layer[above].sees.indexOf(below)]),
  };
}

/** Numbers from base64: little-endian floats of 64 or 32 bits. */
export function decode(text, bits = 64) {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0)), size = bits / 8;
  const view = new DataView(bytes.buffer);
  return Float64Array.from({ length: bytes.length / size }, (_, k) => bits === 64 ? view.getFloat64(8 * k, true) : view.getFloat32(4 * k, true));
}

/** Weights by connection as one array, in the order of the connections. */
export function flatWeights(weights) {
  const all = new Float64Array(weights.reduce((sum, w) => sum + w.length, 0));
  let at = 0;
  for (const w of weights) {
    all.set(w, at);
    at += w.length;
  }
  return all;
}

/** The weights of one snapshot, by connection. */
export function weightsOf(network, numbers, snapshot) {
  const start = snapshot * network.size;
  return network.connections.map((c) => numbers.slice(start + c.offset, start + c.offset + c.size));
}
