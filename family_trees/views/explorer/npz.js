// Model files: archives of plain arrays (.npz), as the Python package writes and reads them.

const ARRAY_KINDS = { "<f8": Float64Array, "<f4": Float32Array, "<i8": BigInt64Array, "|u1": Uint8Array };
const MOST_BYTES = 200_000_000, LOCAL = 0x04034b50, CENTRAL = 0x02014b50, END = 0x06054b50, UTF8 = 0x800;

let crcTable = null;
function crc32(bytes) {
  crcTable ??= Int32Array.from({ length: 256 }, (_, n) => {
    for (let k = 0; k < 8; k++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
    return n;
  });
  let crc = -1;
  for (const byte of bytes) crc = crcTable[(crc ^ byte) & 255] ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** An array as NumPy stores it: a header that says its type and shape, then its numbers. */
function npyBytes({ kind, shape, numbers }) {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': '${kind}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const length = 64 * Math.ceil((10 + text.length + 1) / 64), bytes = new Uint8Array(length + numbers.byteLength);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, (length - 10) & 255, (length - 10) >> 8]);
  bytes.set(new TextEncoder().encode(`${text.padEnd(length - 11)}\n`), 10);
  bytes.set(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength), length);
  return bytes;
}

/** An archive of arrays by name: { kind: "<f8", "<i8" or "|u1", shape, numbers: a typed array }. */
export function npzBytes(arrays) {
  const parts = [], directory = [];
  let offset = 0;
  for (const [name, array] of Object.entries(arrays)) {
    const data = npyBytes(array), file = new TextEncoder().encode(`${name}.npy`), crc = crc32(data);
    const common = [20, UTF8, 0, 0, 33]; // version, flags, stored, time, date: the first day of 1980
    const local = record(30, [[4, LOCAL], ...common.map((n) => [2, n]), [4, crc], [4, data.length], [4, data.length], [2, file.length], [2, 0]]);
    directory.push(record(46, [[4, CENTRAL], [2, 20], ...common.map((n) => [2, n]), [4, crc], [4, data.length], [4, data.length], [2, file.length],
      [2, 0], [2, 0], [2, 0], [2, 0], [4, 0], [4, offset]]), file);
    parts.push(local, file, data);
    offset += local.length + file.length + data.length;
  }
  const size = directory.reduce((sum, each) => sum + each.length, 0), count = Object.keys(arrays).length;
  return new Blob([...parts, ...directory, record(22, [[4, END], [2, 0], [2, 0], [2, count], [2, count], [4, size], [4, offset], [2, 0]])], { type: "application/octet-stream" });
}

function record(length, fields) {
  const view = new DataView(new ArrayBuffer(length));
  let at = 0;
  for (const [bytes, value] of fields) {
    if (bytes === 4) view.setUint32(at, value, true);
    else view.setUint16(at, value, true);
    at += bytes;
  }
  return new Uint8Array(view.buffer);
}

/** The arrays of an archive by name, each { kind, shape, numbers }. Anything else than plain stored arrays is refused. */
export function readNpz(buffer) {
  if (buffer.byteLength > MOST_BYTES) throw new Error("size");
  const view = new DataView(buffer), found = Object.create(null);
  let end = buffer.byteLength - 22;
  while (end >= 0 && end > buffer.byteLength - 70000 && view.getUint32(end, true) !== END) end--;
  if (end < 0 || view.getUint32(end, true) !== END) throw new Error("zip");
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  for (let k = 0; k < count; k++) {
    if (view.getUint32(at, true) !== CENTRAL || view.getUint16(at + 10, true) !== 0) throw new Error("zip");
    const size = view.getUint32(at + 24, true), nameLength = view.getUint16(at + 28, true), local = view.getUint32(at + 42, true);
    const name = new TextDecoder().decode(new Uint8Array(buffer, at + 46, nameLength));
    const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    if (size > buffer.byteLength - start || name in found) throw new Error("zip");
    found[name.replace(/\.npy$/, "")] = readNpy(buffer.slice(start, start + size));
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return found;
}

function readNpy(buffer) {
  const view = new DataView(buffer), header = 10 + view.getUint16(8, true);
  if (view.getUint32(0) !== 0x934e554d || view.getUint8(6) !== 1) throw new Error("npy");
  const text = new TextDecoder().decode(new Uint8Array(buffer, 10, header - 10));
  const match = /^\{'descr': '([^']+)', 'fortran_order': False, 'shape': \(([\d, ]*)\), \} *\n$/.exec(text);
  if (!match || !Object.hasOwn(ARRAY_KINDS, match[1])) throw new Error("npy");
  const shape = match[2].split(",").filter((each) => each.trim()).map(Number);
  const numbers = new ARRAY_KINDS[match[1]](buffer.slice(header));
  if (numbers.length !== shape.reduce((a, b) => a * b, 1)) throw new Error("npy");
  return { kind: match[1], shape, numbers };
}
