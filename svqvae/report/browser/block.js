// The block of all tables: unpacked by the browser, columns read when they are first asked for.
const ARRAYS = {
  u1: Uint8Array, u2: Uint16Array, u4: Uint32Array, i2: Int16Array, i4: Int32Array, f4: Float32Array, f8: Float64Array,
};

async function unpack(text) {
  const binary = atob(text.trim());
  const packed = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i += 1) packed[i] = binary.charCodeAt(i);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const whole = new Uint8Array(await new Response(stream).arrayBuffer());
  const length = new DataView(whole.buffer).getUint32(0, true);
  const told = JSON.parse(new TextDecoder().decode(whole.subarray(4, 4 + length)));
  told.bytes = whole.subarray(4 + length);
  return told;
}

// All first bytes of the numbers lie before all second ones.
function numbers(told, { type, at, n, scale: divisor }) {
  const size = Number(type[1]);
  const bytes = new Uint8Array(n * size);
  for (let k = 0; k < size; k += 1) {
    const plane = at + k * n;
    for (let i = 0; i < n; i += 1) bytes[i * size + k] = told.bytes[plane + i];
  }
  const found = new ARRAYS[type](bytes.buffer);
  if (divisor) return Float64Array.from(found, (x) => (x === -32768 ? NaN : x / divisor));
  // The tables have six digits: single precision gives them back.
  return type === "f4" ? Float64Array.from(found, (x) => Number(x.toPrecision(6))) : found;
}

// A table: get(column) is a function from the row to a text or number.
class Table {
  constructor(told, spec) {
    this.told = told;
    this.rows = spec.rows;
    this.specs = new Map(spec.columns.map((c) => [c.name, c]));
    this.names = spec.columns.map((c) => c.name);
    this.read = new Map();
  }

  has(name) {
    return this.specs.has(name);
  }

  isText(name) {
    return Boolean(this.specs.get(name)?.text);
  }

  // A column that is not there is missing everywhere.
  get(name) {
    if (!this.read.has(name)) {
      const spec = this.specs.get(name);
      if (!spec) return () => NaN;
      const values = numbers(this.told, spec);
      const { strings } = this.told;
      this.read.set(name, spec.text ? (i) => strings[values[i]] : (i) => values[i]);
    }
    return this.read.get(name);
  }

  // Row numbers by the value of a column, made once.
  by(name) {
    const key = `by ${name}`;
    if (!this.read.has(key)) {
      const index = new Map();
      const value = this.get(name);
      for (let i = 0; i < this.rows; i += 1) {
        const v = value(i);
        if (index.has(v)) index.get(v).push(i);
        else index.set(v, [i]);
      }
      this.read.set(key, index);
    }
    return this.read.get(key);
  }

  // Rows in which a column has a value.
  where(name, value) {
    return this.by(name).get(value) ?? [];
  }

  all() {
    return Array.from({ length: this.rows }, (_, i) => i);
  }
}
