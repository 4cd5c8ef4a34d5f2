// Numbers as people read them, and what changed between two samples in words.

import { language, say } from './words.js';

const locale = language === 'zh' ? 'zh-CN' : 'en';
const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat(locale, { maximumSignificantDigits: 3 });

export const count = (number) => whole.format(number);

/** Bytes in KB, MB and GB of 1,024, as Go's documents count them. */
export function bytes(number) {
  const size = Math.abs(number);
  if (size < 1024) return `${whole.format(number)} B`;
  let value = number, unit = -1;
  while (Math.abs(value) >= 1023.5 && unit < 3) { value /= 1024; unit += 1; }
  return `${Math.abs(value) < 100 ? short.format(value) : whole.format(value)} ${['KB', 'MB', 'GB', 'TB'][unit]}`;
}

export function duration(nanoseconds) {
  if (nanoseconds < 1e3) return `${whole.format(nanoseconds)} ns`;
  if (nanoseconds < 1e6) return `${short.format(nanoseconds / 1e3)} µs`;
  if (nanoseconds < 1e9) return `${short.format(nanoseconds / 1e6)} ms`;
  return `${short.format(nanoseconds / 1e9)} s`;
}

export const number = (value) => short.format(value);
export const percent = (share) => `${short.format(share * 100)} %`;
export const milliseconds = (value) => `${short.format(value)} ms`;

const clock = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });
export const time = (milliseconds) => clock.format(milliseconds);

/** Below this, a change of RSS is the process's own noise; of the heap, the answer's. */
const noise = { heap: 4 << 10, rss: 256 << 10 };

/**
 * What an operation did to the memory, sentence by sentence.
 * @param answer with `before` and `after`, and what the operation says of itself.
 * @param call which operation it was: 'delete', 'nil', and so on.
 */
export function difference(answer, call) {
  const { before, after } = answer;
  const heap = after.HeapAlloc - before.HeapAlloc;
  const rss = after.RSS - before.RSS;
  const released = after.HeapReleased - before.HeapReleased;
  const sentences = [];

  if (heap < -noise.heap) sentences.push(say('diffFreed', { bytes: bytes(-heap) }));
  else if (heap > noise.heap) sentences.push(say('diffGrew', { bytes: bytes(heap) }));
  else sentences.push(say('diffHeapSame', { bytes: bytes(after.HeapAlloc) }));

  if (heap >= -noise.heap) {
    if (call === 'delete' || call === 'clear') sentences.push(say('diffBucketsStay'));
    if (call === 'nil' || call === 'replace') sentences.push(say('diffGarbage'));
  }

  if (rss < -noise.rss) {
    sentences.push(say(released > noise.rss ? 'diffRSSFellReleased' : 'diffRSSFell', { bytes: bytes(-rss) }));
  } else if (rss > noise.rss) sentences.push(say('diffRSSRose', { bytes: bytes(rss) }));
  else sentences.push(say(heap < -noise.rss ? 'diffRSSSameIdle' : 'diffRSSSame', { bytes: bytes(after.RSS) }));

  const cycles = after.NumGC - before.NumGC;
  if (cycles > 0) sentences.push(say('diffCycles', { count: count(cycles) }));
  return sentences;
}
