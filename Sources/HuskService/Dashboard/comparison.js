// The same workload with one remedy after the other, each on a fresh map, and what each cost side by side.

import { say } from './words.js';
import { make, makeTable } from './elements.js';
import { bytes, count, duration, number } from './figures.js';
import { send } from './calls.js';
import { remedyName, runWorkload } from './workloads.js';

/** Those that do something to a map by themselves; the first is what the others are held to. */
export const comparedRemedies = ['none', 'clear', 'replace', 'copy', 'incremental-copy', 'swiss'];
/** These lose entries: what a cache loads again. */
const losing = ['clear', 'replace'];

/** The calls that come before each run: a fresh map of the same type, and the old one's memory given back. */
const fresh = [
  { method: 'POST', path: '/map/replace-with-fresh', body: { hint: 0, layout: 'bucket', shards: 1, copy: false } },
  { method: 'POST', path: '/free-memory' },
];

/** @param workload without a remedy. @param when the remedies' condition. */
export async function compareRemedies(workload, when, place) {
  const results = make('div', {});
  const running = make('div', {});
  const runs = [];
  place.replaceChildren(results, running);
  for (const kind of comparedRemedies) {
    for (const call of fresh) await send(call);
    const body = kind === 'none' ? workload : { ...workload, remedy: { when, do: { kind } } };
    running.replaceChildren();
    const head = make('p', { class: 'hint' }, `${say('underWay')}: ${remedyName(kind)}`);
    const figures = make('div', {});
    running.append(head, figures);
    const report = await runWorkload({ method: 'POST', path: '/workloads', body }, figures);
    if (report?.state === 'stopped') break;
    runs.push({ kind, costs: report?.state === 'done' ? report.costs : undefined, refusal: report ? report.detail : figures.textContent });
    results.replaceChildren(table(runs));
  }
  running.replaceChildren(...verdict(runs).map((sentence) => make('p', {}, make('strong', {}, sentence))));
}

function table(runs) {
  const heads = ['remedy', 'cost-peakHeapAlloc', 'cost-HeapAlloc', 'cost-retainedBytes', 'cost-RSS', 'cost-p99', 'cost-max', 'cost-misses', 'cost-cpu'];
  return makeTable(say('op-compare'), heads.map((name) => say(name)), runs.map(({ kind, costs, refusal }) => {
    if (!costs) return [remedyName(kind), make('td', { class: 'words', colspan: heads.length - 1, lang: 'en' }, refusal)];
    const { waitNanoseconds: waits } = costs;
    return [remedyName(kind), bytes(costs.peakHeapAlloc), bytes(costs.HeapAlloc), bytes(costs.retainedBytes), bytes(costs.RSS),
      duration(waits.p99), duration(waits.max), count(costs.misses), `${number(costs.cpuSeconds)} s`];
  }), (column) => column === 0);
}

/** Which costs least of each, of those that lose no entries. Doing nothing is one of them. */
function verdict(runs) {
  const able = runs.filter(({ kind, costs }) => costs && !losing.includes(kind));
  if (able.length < 2) return [];
  const least = (read, format) => {
    const best = able.reduce((one, other) => (read(other.costs) < read(one.costs) ? other : one));
    return `${remedyName(best.kind)} (${format(read(best.costs))})`;
  };
  return [say('verdict', {
    left: least((costs) => costs.HeapAlloc, bytes), peak: least((costs) => costs.peakHeapAlloc, bytes),
    wait: least((costs) => costs.waitNanoseconds.max, duration), cpu: least((costs) => costs.cpuSeconds, (seconds) => `${number(seconds)} s`),
  })];
}
