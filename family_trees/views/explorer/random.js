// Random numbers: first weights, splits and orders of cases, each a function of a seed and the number of a network.
// The generator is Philox 4x32-10, as ARITHMETIC.md writes it down. It keeps no state.

const WEIGHTS = 0, SPLITS = 1, ORDERS = 2; // the purposes of the streams
const M0 = 0xd2511f53, M1 = 0xcd9e8d57, W0 = 0x9e3779b9, W1 = 0xbb67ae85;

/** The upper word of the product of two words. Halves of 16 bits keep every product exact. */
function upper(a, b) {
  const aLow = a & 0xffff, aHigh = a >>> 16, bLow = b & 0xffff, bHigh = b >>> 16;
  const low = aLow * bLow, one = aHigh * bLow, other = aLow * bHigh;
  const carried = (low >>> 16) + (one & 0xffff) + (other & 0xffff);
  return aHigh * bHigh + (one >>> 16) + (other >>> 16) + (carried >>> 16);
}

/** The four random words of a counter of four words and a key of two. */
export function philox([c0, c1, c2, c3], [k0, k1]) {
  for (let round = 0; round < 10; round++) {
    const next0 = upper(M1, c2) ^ c1 ^ k0, next2 = upper(M0, c0) ^ c3 ^ k1;
    c1 = Math.imul(M1, c2);
    c3 = Math.imul(M0, c0);
    c0 = next0;
    c2 = next2;
    k0 = (k0 + W0) | 0;
    k1 = (k1 + W1) | 0;
  }
  return [c0 >>> 0, c1 >>> 0, c2 >>> 0, c3 >>> 0];
}

/** The first `count` numbers of a stream, each from 0 up to below 1. A seed of 2^53 or more is a BigInt, or a text. */
export function uniforms(seed, number, purpose, sweep, count) {
  const whole = BigInt(seed), key = [Number(whole & 0xffffffffn), Number(whole >> 32n)];
  if (whole < 0n || whole >= 1n << 64n) throw new Error(`seed ${seed}: give a whole number from 0 to below 2^64`);
  if (!(Number.isInteger(number) && number >= 0 && number < 2 ** 32))
    throw new Error(`network ${number}: give a whole number from 0 to below 2^32`);
  const u = new Float64Array(count);
  for (let k = 0; k < count; k += 2) {
    const r = philox([k / 2, purpose, number, sweep], key);
    u[k] = ((r[0] >>> 5) * 2 ** 26 + (r[1] >>> 6)) / 2 ** 53;
    if (k + 1 < count) u[k + 1] = ((r[2] >>> 5) * 2 ** 26 + (r[3] >>> 6)) / 2 ** 53;
  }
  return u;
}

/** The first weights, by connection. `range` is the initial range, or one for each layer that computes, lowest first. */
export function firstWeights(network, range, seed, number) {
  const u = uniforms(seed, number, WEIGHTS, 0, network.size);
  return network.connections.map(({ above, offset, size }) => {
    const r = Array.isArray(range) ? range[network.computed.indexOf(network.layer[above])] : range;
    if (!(r > 0)) throw new Error(`initial range of ${above}: ${r}; give a number above 0`);
    return Float64Array.from({ length: size }, (_, k) => (2 * u[offset + k] - 1) * r);
  });
}

/** The places of the `heldOut` cases that are held out of `cases` cases, in ascending order. */
export function drawSplit(cases, heldOut, seed, number) {
  const places = Int32Array.from({ length: cases }, (_, k) => k);
  return inOrderOf(uniforms(seed, number, SPLITS, 0, cases), places).slice(0, heldOut).sort();
}

/** The places of the training cases in the order in which sweep number `sweep` shows them. */
export const drawOrder = (trainingPlaces, seed, number, sweep) =>
  inOrderOf(uniforms(seed, number, ORDERS, sweep, trainingPlaces.length), trainingPlaces);

/** `places` in ascending order of their numbers; of equal numbers, the first comes first. */
function inOrderOf(u, places) {
  const order = Int32Array.from(places, (_, k) => k).sort((a, b) => u[a] - u[b] || a - b);
  return order.map((k) => places[k]);
}
