// What the page knows of the past: the server's ring of samples, kept up to date by its events.
//
// Columns of numbers, one value a sample; NaN where there is none. They are twice as long as the ring, and the newer half is
// moved to the front when they are full, so that a chart always reads from one piece.

import { send } from './calls.js';
import { listen } from './events.js';

const fields = ['Alloc', 'HeapInuse', 'HeapIdle', 'HeapReleased', 'RSS', 'memoryLimit', 'goal', 'len', 'slots',
  'retainedBytes', 'bytes.total', 'NumGC', 'PauseTotalNs', 'GCCPUFraction'];
/** What is counted from one sample to the next. */
const derived = { cycles: ['NumGC', 1], pause: ['PauseTotalNs', 1e-6] };
const marksKept = 2000;

export class Timeline extends EventTarget {
  size = 3600;
  first = 0;
  end = 0;
  columns = {};
  marks = [];
  state = 'connecting';
  #isLoaded = false;
  #waiting = [];
  #lastNumber = -1;

  constructor() {
    super();
    this.#empty();
  }

  /** Begins to listen, and reads what was recorded before. */
  start() {
    listen((event) => this.#take(event));
    return this.#load();
  }

  get count() { return this.end - this.first; }
  get lastTime() { return this.count ? this.columns.time[this.end - 1] : Date.now(); }
  get firstTime() { return this.count ? this.columns.time[this.first] : Date.now(); }
  value(name, index) { return this.columns[name][index]; }

  /** The first index whose sample is at `time` or later. */
  indexAt(time) {
    const { time: times } = this.columns;
    let low = this.first, high = this.end;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (times[middle] < time) low = middle + 1; else high = middle;
    }
    return low;
  }

  #empty() {
    this.first = this.end = 0;
    this.marks = [];
    this.#lastNumber = -1;
    this.columns = {};
    for (const name of ['time', ...fields, ...Object.keys(derived)]) this.columns[name] = new Float64Array(this.size * 2);
  }

  async #load() {
    this.#isLoaded = false;
    const answer = await send({ method: 'GET', path: `/timeline?fields=${fields.join(',')}` });
    if (!answer.ok) {
      this.#setState('gone');
      setTimeout(() => this.#load(), 1000);
      return;
    }
    const { size, samples, marks } = answer.json;
    this.size = Math.max(size, 2);
    this.#empty();
    samples.time.forEach((time, row) => this.#append(samples.sequence[row], time, (name) => samples[name][row]));
    for (const mark of marks) this.#addMark(mark);
    this.#isLoaded = true;
    for (const event of this.#waiting.splice(0)) this.#apply(event);
    this.#changed();
  }

  #take(event) {
    if (event.kind === 'hello') {
      // Another server, or more was missed than its ring holds: what is here does not go on.
      const isSame = event.value.isWhole !== false && (event.value.sequence ?? Infinity) >= this.#lastNumber;
      const wasGone = this.state === 'gone';
      this.#setState('live');
      if (this.#isLoaded && (!isSame || wasGone)) this.#load();
    } else if (event.kind === 'gone') this.#setState('gone');
    else if (!this.#isLoaded) this.#waiting.push(event);
    else {
      this.#apply(event);
      this.#changed();
    }
  }

  #apply({ kind, value }) {
    if (kind !== 'sample' && kind !== 'mark') return;
    // It came with the ring already.
    if (value.sequence <= this.#lastNumber) return;
    if (kind === 'sample') this.#append(value.sequence, value.time, (name) => value[name]);
    else {
      this.#addMark(value);
      this.dispatchEvent(new CustomEvent('mark', { detail: value }));
    }
  }

  #append(number, time, read) {
    const { columns } = this;
    if (this.end === columns.time.length) {
      for (const column of Object.values(columns)) column.copyWithin(0, this.first, this.end);
      this.end -= this.first;
      this.first = 0;
    }
    const at = this.end;
    columns.time[at] = time;
    for (const name of fields) columns[name][at] = read(name) ?? NaN;
    for (const [name, [source, scale]] of Object.entries(derived)) {
      const change = at > this.first ? columns[source][at] - columns[source][at - 1] : 0;
      columns[name][at] = Math.max(0, change * scale);
    }
    this.end += 1;
    if (this.count > this.size) this.first += 1;
    this.#lastNumber = Math.max(this.#lastNumber, number);
  }

  #addMark(mark) {
    this.marks.push(mark);
    if (this.marks.length > marksKept) this.marks.splice(0, this.marks.length - marksKept);
    this.#lastNumber = Math.max(this.#lastNumber, mark.sequence);
  }

  #setState(state) {
    if (state === this.state) return;
    this.state = state;
    this.dispatchEvent(new Event('state'));
  }

  #changed() { this.dispatchEvent(new Event('change')); }
}
