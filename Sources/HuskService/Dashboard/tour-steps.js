// The tour's six steps: the calls of each, and what its figures must show. Words: `tour-N`, `tour-N-expect`, `tour-N-check`
// (with what `check` finds) and `tour-N-published`.
//
// The documents fill a map[int]int of 8,192 entries. Here there are 128 times as many, so that a chart of the process shows it;
// the buckets of both are powers of two, and what one takes is 128 times what the other does.

import { bytes, count } from './figures.js';

const scale = 128;
const entries = 8192 * scale;
const intMap = { type: 'map[int]int', layout: 'bucket', shards: 1 };
/** What the documents' map took of Go 1.10.1 and 1.14.9, in bytes. */
const publishedBytes = 312 << 10;

const nil = { method: 'POST', path: '/map/nil', kind: 'nil' };
const gc = { method: 'POST', path: '/gc', kind: 'gc' };
const free = { method: 'POST', path: '/free-memory', kind: 'free-memory' };
const fresh = (body) => ({ method: 'POST', path: '/map/replace-with-fresh', body, kind: 'replace' });
const insert = { method: 'POST', path: '/map/insert', body: { count: entries }, kind: 'insert' };
const remove = { method: 'POST', path: '/map/delete', body: { count: entries }, kind: 'delete' };

const fill = [nil, gc, fresh({ ...intMap, hint: entries }), insert, gc];
const empty = [remove, gc];

const isFilled = (map) => map.type === intMap.type && map.layout === 'bucket' && map.len >= entries;
const isEmptied = (map) => map.type === intMap.type && map.layout === 'bucket' && map.len === 0 && map.slots >= entries;

const isNear = (value, wanted, share) => Math.abs(value - wanted) <= wanted * share;

/** Each: `calls`; `prepare(map)`, the calls that come first if somebody begins here; `check(answers)` → `{ holds, values }`. */
export const steps = [
  {
    calls: fill,
    check: (answers) => {
      const grown = answers[4].after.HeapAlloc - answers[1].after.HeapAlloc;
      return { holds: isNear(grown / scale, publishedBytes, 0.1), values: { grown: bytes(grown), each: bytes(grown / scale) } };
    },
  },
  {
    prepare: (map) => (isFilled(map) ? [] : fill),
    calls: empty,
    check: ([deletes, collection]) => {
      const freed = deletes.before.HeapAlloc - collection.after.HeapAlloc;
      return {
        holds: deletes.deleted > 0 && Math.abs(freed) < deletes.before.HeapAlloc / 100,
        values: { deleted: count(deletes.deleted), freed: bytes(Math.max(0, freed)), heap: bytes(collection.after.HeapAlloc) },
      };
    },
  },
  {
    prepare: (map) => (isEmptied(map) ? [] : isFilled(map) ? empty : [...fill, ...empty]),
    calls: [nil, gc, free],
    check: ([setNil, collection, release]) => {
      const atNil = setNil.before.HeapAlloc - setNil.after.HeapAlloc;
      const atCollection = collection.before.HeapAlloc - collection.after.HeapAlloc;
      const atRelease = collection.before.RSS - release.after.RSS;
      return {
        holds: Math.abs(atNil) < atCollection / 100 && isNear(atCollection / scale, publishedBytes, 0.1) && atRelease > atCollection * 0.8,
        values: { nil: bytes(atNil), gc: bytes(atCollection), each: bytes(atCollection / scale), rss: bytes(atRelease) },
      };
    },
  },
  {
    calls: [fresh({ type: 'map[string][]byte', layout: 'bucket', shards: 1, hint: 0 }), gc,
      { method: 'POST', path: '/workloads', isWorkload: true,
        body: { kind: 'partial-update', live: 100000, updateFraction: 0.2, drift: 1, rounds: 20, interval: '200ms' } },
      { method: 'GET', path: '/map', isQuiet: true }],
    check: (answers) => {
      const { len, retainedBytes, bytes: held } = answers[3];
      const fresh = held.total - retainedBytes;
      return {
        holds: len === 100000 && retainedBytes > fresh * 0.1,
        values: { len: count(len), fresh: bytes(fresh), held: bytes(held.total), retained: bytes(retainedBytes) },
      };
    },
  },
  {
    calls: [{ method: 'POST', path: '/scenarios/remedies', body: {} }],
    check: ([{ columns, rows }]) => {
      const freed = columns.findIndex(({ name }) => name === 'HeapAlloc freed');
      const before = columns.findIndex(({ name }) => name === 'HeapAlloc before');
      const rowOf = (word) => rows.find(([name]) => name.includes(word));
      const [deletes, copy] = [rowOf('delete each, GC'), rowOf('copy to a fresh map')];
      return {
        holds: Math.abs(deletes[freed]) < deletes[before] / 100 && copy[freed] > copy[before] * 0.7,
        values: { before: bytes(copy[before] * 1024), deletes: bytes(deletes[freed] * 1024), copy: bytes(copy[freed] * 1024) },
      };
    },
  },
  {
    calls: [{
      method: 'POST', path: '/scenarios/global-nil', body: { go: ['1.10', '1.14', '1.23', '1.24', '1.27'] },
      columns: ['step', 'len', 'change of Alloc'],
    }],
    check: ([{ columns, rows }]) => {
      const changes = columns.map((column, at) => ({ ...column, at }))
        .filter(({ name, go }) => name === 'change of Alloc' && go);
      const [deletes, end] = rows.slice(-2);
      return {
        holds: changes.every(({ at }) => Math.abs(deletes[at]) < 8 && end[at] < -100),
        values: { changes: changes.map(({ go, at }) => `Go ${go}: ${count(deletes[at])} / ${count(end[at])} KB`).join(', ') },
      };
    },
  },
];
