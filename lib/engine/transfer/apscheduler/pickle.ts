/** The name of a Python class or function. It is never looked up or called. */
export class PythonName {
  constructor(
    readonly module: string,
    readonly name: string,
  ) {}

  get ref(): string {
    return `${this.module}:${this.name}`;
  }
}

/** A description of the object that Python would create: what it would call, with which arguments and state. */
export class PythonObject {
  state: unknown = null;

  constructor(
    readonly callee: unknown,
    readonly args: readonly unknown[],
  ) {}
}

const MARK = Symbol('mark');
/** The values of `pickle.HIGHEST_PROTOCOL` since Python 3.4. */
const PROTOCOLS = [4, 5];

/**
 * Reads a Python pickle as plain data: nothing is imported or called, and objects remain descriptions. Dictionaries become
 * Maps, tuples and lists arrays, bytes Uint8Arrays.
 *
 * @throws Error if it is not a pickle, or contains anything else
 *
 * @see https://github.com/python/cpython/blob/3.13/Lib/pickletools.py
 */
export function unpickle(bytes: Uint8Array): unknown {
  return new Unpickler(bytes).read();
}

class Unpickler {
  private at = 0;
  private readonly view: DataView;
  private readonly stack: unknown[] = [];
  private readonly memo: unknown[] = [];

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  read(): unknown {
    for (;;) {
      const code = String.fromCharCode(this.byte());
      if (code === '.') return this.pop();
      const step = STEPS[code];
      if (step === undefined) throw new Error(`has the instruction 0x${code.charCodeAt(0).toString(16)} in it`);
      step(this);
    }
  }

  byte(): number {
    return this.take(1)[0] as number;
  }

  take(length: number): Uint8Array {
    const part = this.bytes.subarray(this.at, this.at + length);
    if (part.length < length) throw new Error('ends too early');
    this.at += length;
    return part;
  }

  /** An unsigned little-endian integer of so many bytes: a length or an index. */
  number(length: 2 | 4): number {
    const { at } = this;
    this.take(length);
    return length === 2 ? this.view.getUint16(at, true) : this.view.getUint32(at, true);
  }

  /** A signed integer of four bytes. */
  signed(): number {
    const { at } = this;
    this.take(4);
    return this.view.getInt32(at, true);
  }

  double(): number {
    const { at } = this;
    this.take(8);
    return this.view.getFloat64(at);
  }

  text(length: number): string {
    return new TextDecoder('utf-8', { fatal: true }).decode(this.take(length));
  }

  /** An integer of any size, in two's complement. */
  long(length: number): number {
    let value = 0n;
    this.take(length).forEach((byte, index) => (value |= BigInt(byte) << BigInt(8 * index)));
    return Number(BigInt.asIntN(8 * length, value));
  }

  push(value: unknown): void {
    this.stack.push(value);
  }

  pop(): unknown {
    if (this.stack.length === 0) throw new Error('takes what is not there');
    return this.stack.pop();
  }

  top(): unknown {
    return this.stack.at(-1);
  }

  popToMark(): unknown[] {
    const from = this.stack.lastIndexOf(MARK);
    if (from < 0) throw new Error('takes what is not there');
    return this.stack.splice(from).slice(1);
  }

  popMany(count: number): unknown[] {
    return Array.from({ length: count }, () => this.pop()).toReversed();
  }

  remember(): void {
    this.memo.push(this.top());
  }

  recall(index: number): unknown {
    if (index >= this.memo.length) throw new Error('names what is not there');
    return this.memo[index];
  }
}

const arrayOf = (value: unknown): unknown[] => {
  if (!Array.isArray(value)) throw new Error('is not well-formed');
  return value as unknown[];
};

function setItems(dictionary: unknown, items: readonly unknown[]): void {
  if (!(dictionary instanceof Map)) throw new Error('is not well-formed');
  for (let at = 0; at + 1 < items.length; at += 2) dictionary.set(items[at], items[at + 1]);
}

/** The implementation of each instruction, by its opcode. */
const STEPS: Readonly<Record<string, (from: Unpickler) => void>> = {
  '\x80': (from) => {
    const protocol = from.byte();
    if (!PROTOCOLS.includes(protocol)) throw new Error(`has protocol ${protocol}, not ${PROTOCOLS.join(' or ')}`);
  },
  '\x95': (from) => void from.take(8),
  '\x94': (from) => from.remember(),
  h: (from) => from.push(from.recall(from.byte())),
  j: (from) => from.push(from.recall(from.number(4))),
  '(': (from) => from.push(MARK),
  N: (from) => from.push(null),
  '\x88': (from) => from.push(true),
  '\x89': (from) => from.push(false),
  K: (from) => from.push(from.byte()),
  M: (from) => from.push(from.number(2)),
  J: (from) => from.push(from.signed()),
  '\x8a': (from) => from.push(from.long(from.byte())),
  G: (from) => from.push(from.double()),
  '\x8c': (from) => from.push(from.text(from.byte())),
  X: (from) => from.push(from.text(from.number(4))),
  C: (from) => from.push(from.take(from.byte())),
  B: (from) => from.push(from.take(from.number(4))),
  ')': (from) => from.push([]),
  '\x85': (from) => from.push(from.popMany(1)),
  '\x86': (from) => from.push(from.popMany(2)),
  '\x87': (from) => from.push(from.popMany(3)),
  t: (from) => from.push(from.popToMark()),
  ']': (from) => from.push([]),
  a: (from) => {
    const item = from.pop();
    arrayOf(from.top()).push(item);
  },
  e: (from) => {
    const items = from.popToMark();
    const array = arrayOf(from.top());
    for (const item of items) array.push(item);
  },
  '}': (from) => from.push(new Map()),
  s: (from) => {
    const items = from.popMany(2);
    setItems(from.top(), items);
  },
  u: (from) => {
    const items = from.popToMark();
    setItems(from.top(), items);
  },
  '\x93': (from) => {
    const [module, name] = from.popMany(2);
    if (typeof module !== 'string' || typeof name !== 'string') throw new Error('is not well-formed');
    from.push(new PythonName(module, name));
  },
  R: (from) => {
    const [callee, args] = from.popMany(2);
    from.push(new PythonObject(callee, arrayOf(args)));
  },
  '\x81': (from) => {
    const [callee, args] = from.popMany(2);
    from.push(new PythonObject(callee, arrayOf(args)));
  },
  b: (from) => {
    const state = from.pop();
    const object = from.top();
    if (!(object instanceof PythonObject)) throw new Error('is not well-formed');
    object.state = state;
  },
};
