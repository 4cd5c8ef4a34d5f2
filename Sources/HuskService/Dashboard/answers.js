// An answer as people read it: what changed, in words; tables as tables; a problem as its sentence.

import { say, hasWords } from './words.js';
import { make, makeTable } from './elements.js';
import { bytes, count, duration, difference, number } from './figures.js';

const longestText = 4000;

/**
 * Shows in `place` what a call answered.
 * @param kind which operation it was, for `difference`. @param columns of a scenario's table, by name; all without.
 */
export function showAnswer(place, answer, kind, columns) {
  place.classList.toggle('failed', !answer.ok);
  place.replaceChildren(...parts(answer, kind, columns));
}

function parts(answer, kind, columns) {
  if (answer.status === 0) return [make('p', {}, say('noAnswer'))];
  if (!answer.ok) {
    const field = answer.json?.field ? ` (${answer.json.field})` : '';
    return [make('p', {}, `${answer.status}: `, make('span', { lang: 'en' }, `${answer.json?.detail ?? answer.text}${field}`))];
  }
  const { json } = answer;
  if (json?.before && json?.after) return measured(json, kind);
  if (json?.columns && json?.rows) return [scenarioTable(json, columns)];
  if (json?.state && json?.costs) return [workload(json)];
  return [make('p', {}, `${answer.status} ${hasWords(`status-${answer.status}`) ? say(`status-${answer.status}`) : ''}`), ...text(answer)];
}

function measured(json, kind) {
  const did = ['inserted', 'updated', 'deleted', 'missing', 'copied'].filter((name) => json[name])
    .map((name) => say(`did-${name}`, { count: count(json[name]) }));
  if ('len' in json) did.push(say('did-len', { count: count(json.len) }));
  did.push(say('did-time', { time: duration(json.elapsedNanoseconds) }));
  const names = ['HeapAlloc', 'HeapInuse', 'HeapIdle', 'HeapReleased', 'RSS'];
  const rows = names.map((name) => [name, bytes(json.before[name]), bytes(json.after[name]), signed(json.after[name] - json.before[name])]);
  return [
    make('p', { class: 'difference' }, make('strong', {}, difference(json, kind).join(' '))),
    make('p', { class: 'hint' }, did.join(' ')),
    make('details', {}, make('summary', {}, say('beforeAndAfter')),
      makeTable(say('beforeAndAfter'), ['', say('before'), say('after'), say('change')], rows)),
  ];
}

const signed = (size) => (size === 0 ? '0' : `${size > 0 ? '+' : '−'}${bytes(Math.abs(size))}`);

/** Published figures stand in another colour beside what was measured. */
function scenarioTable({ title, columns: all, rows: whole, note }, names) {
  const places = [...all.keys()].filter((at) => !names || names.includes(all[at].name));
  const columns = places.map((at) => all[at]);
  const rows = whole.map((row) => places.map((at) => row[at]));
  const heads = columns.map(({ name, unit, go, published }, column) =>
    make('th', { scope: 'col', class: [published && 'published', column === 0 && 'words'].filter(Boolean).join(' ') || null },
      [name, unit && `(${unit})`, go && `Go ${go}`, published && say('publishedGo', { go: published })].filter(Boolean).join(' ')));
  const cells = rows.map((row) => row.map((value, column) =>
    make('td', { class: columns[column].published ? 'published' : (typeof value === 'string' ? 'words' : null) },
      value === null ? '–' : typeof value === 'number' ? (Number.isInteger(value) ? count(value) : number(value)) : value)));
  return make('div', { lang: 'en' }, makeTable(title, heads, cells), make('p', { class: 'hint' }, note ?? ''));
}

/** A workload's report. */
export function workload(report) {
  const { costs } = report;
  const figures = {
    peakHeapAlloc: bytes(costs.peakHeapAlloc), peakRSS: bytes(costs.peakRSS), HeapAlloc: bytes(costs.HeapAlloc),
    RSS: bytes(costs.RSS), retainedBytes: bytes(costs.retainedBytes), p99: duration(costs.waitNanoseconds.p99),
    max: duration(costs.waitNanoseconds.max), cpu: `${number(costs.cpuSeconds ?? 0)} s`, cycles: count(costs.cycles),
  };
  return make('div', {},
    make('p', {}, make('strong', {}, say(`state-${report.state}`)), ' ',
      say('workloadDid', { round: count(report.round), operations: count(report.operations), time: duration(report.elapsedSeconds * 1e9) }),
      report.detail ? ` ${report.detail}` : ''),
    make('dl', { class: 'figures' }, ...Object.entries(figures).map(([name, text]) =>
      make('div', {}, make('dt', {}, say(`cost-${name}`)), make('dd', {}, text)))));
}

function text({ json, text: plain }) {
  const shown = json ? JSON.stringify(json, null, 1) : plain;
  if (!shown) return [];
  return [make('pre', { tabindex: 0 }, shown.length > longestText ? `${shown.slice(0, longestText)}…` : shown)];
}
