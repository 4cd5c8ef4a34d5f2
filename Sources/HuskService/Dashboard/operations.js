// Every call that the page has a form for. A form is:
//
//   id           its words are `op-ID` and `about-ID`
//   group        the heading it stands under
//   method, path {braces} are fields that go into the path
//   fields       [{ name, type, value, … }]: integer, number, text, choice (choices), flag, lines
//   kind         how `difference` tells what happened
//
// A field that is left empty, or as `standard` says the server has it anyway, is not sent.

const range = [
  { name: 'from', type: 'integer', standard: 0 },
  { name: 'count', type: 'integer', value: 100000, standard: 8192, min: 0 },
  { name: 'step', type: 'integer', standard: 1 },
  { name: 'distribution', type: 'choice', choices: ['sequential', 'shuffled', 'uniform'], standard: 'sequential' },
  { name: 'seed', type: 'integer', standard: 1, min: 0 },
  { name: 'prefix', type: 'text', standard: 'k' },
  { name: 'valueBytes', type: 'integer', standard: 16, min: 0 },
];
const key = { name: 'key', type: 'text', value: 'k1', isRequired: true };

export const operations = [
  { id: 'insert', group: 'map', method: 'POST', path: '/map/insert', fields: range, kind: 'insert' },
  { id: 'delete', group: 'map', method: 'POST', path: '/map/delete', fields: range, kind: 'delete' },
  { id: 'clear', group: 'map', method: 'POST', path: '/map/clear', fields: [], kind: 'clear' },
  { id: 'nil', group: 'map', method: 'POST', path: '/map/nil', fields: [], kind: 'nil' },
  { id: 'replace', group: 'map', method: 'POST', path: '/map/replace-with-fresh', kind: 'replace', fields: [
    { name: 'copy', type: 'flag' },
    { name: 'type', type: 'text' },
    { name: 'hint', type: 'integer', min: 0 },
    { name: 'layout', type: 'choice', choices: ['', 'bucket', 'swiss'] },
    { name: 'shards', type: 'choice', choices: ['', '1', '4', '16', '64', '256'], isInteger: true },
  ] },
  { id: 'gc', group: 'memory', method: 'POST', path: '/gc', fields: [], kind: 'gc' },
  { id: 'free-memory', group: 'memory', method: 'POST', path: '/free-memory', fields: [], kind: 'free-memory' },
  { id: 'runtime', group: 'memory', method: 'PATCH', path: '/runtime', fields: [
    { name: 'go', type: 'choice', choices: ['', '1.10', '1.14', '1.19', '1.23', '1.24', '1.27'] },
    { name: 'gogc', type: 'integerOrText', placeholder: '100, off' },
    { name: 'memoryLimit', type: 'integer', min: 0 },
    { name: 'maxProcs', type: 'integer', min: 1 },
    { name: 'forceGCPeriod', type: 'text', placeholder: '2m0s' },
    { name: 'scavenger', type: 'choice', choices: ['', 'periodic', 'background', 'off'] },
    { name: 'scavengePeriod', type: 'text', placeholder: '5m0s' },
    { name: 'madvise', type: 'choice', choices: ['', 'dontneed', 'free'] },
    { name: 'gctrace', type: 'choice', choices: ['', 'true', 'false'], isFlag: true },
  ] },
  { id: 'put', group: 'keys', method: 'PUT', path: '/map/keys/{key}', fields: [key, { name: 'value', type: 'lines', isBody: true, value: 'hello' }] },
  { id: 'get', group: 'keys', method: 'GET', path: '/map/keys/{key}', fields: [key] },
  { id: 'remove', group: 'keys', method: 'DELETE', path: '/map/keys/{key}', fields: [key] },
  { id: 'export', group: 'keys', method: 'GET', path: '/map/entries', fields: [{ name: 'limit', type: 'integer', value: 10, min: 0, isQuery: true }] },
  { id: 'import', group: 'keys', method: 'POST', path: '/map/entries', type: 'application/x-ndjson', fields: [
    { name: 'entries', type: 'lines', isBody: true, value: '{"key":"a","value":"1"}\n{"key":"b","value":"2"}\n' },
  ] },
  { id: 'size', group: 'keys', method: 'GET', path: '/size', fields: [
    { name: 'type', type: 'text', value: 'map[string][]byte', isQuery: true },
    { name: 'entries', type: 'integer', value: 100000, min: 0, isQuery: true },
    { name: 'go', type: 'choice', choices: ['', '1.10', '1.14', '1.19', '1.23', '1.24', '1.27'], isQuery: true },
  ] },
];

/** What each remedy of GET /memory's forecasts is as one call; those that need a workload or a map of their own have none. */
export const remedyCalls = {
  gc: { call: { method: 'POST', path: '/gc' }, kind: 'gc' },
  'free-memory': { call: { method: 'POST', path: '/free-memory' }, kind: 'free-memory' },
  clear: { call: { method: 'POST', path: '/map/clear' }, kind: 'clear' },
  replace: { call: { method: 'POST', path: '/map/replace-with-fresh', body: {} }, kind: 'replace' },
  copy: { call: { method: 'POST', path: '/map/replace-with-fresh', body: { copy: true } }, kind: 'replace' },
  swiss: { call: { method: 'POST', path: '/map/replace-with-fresh', body: { copy: true, layout: 'swiss' } }, kind: 'replace' },
};

const keyed = ['partial-update', 'churn', 'ttl'];
const everyKind = [...keyed, 'leak', 'replay'];

/** A workload's fields, and the kinds that have them. */
export const workloadFields = [
  { name: 'live', kinds: keyed, type: 'integer', value: 200000, standard: 100000, min: 0 },
  { name: 'updateFraction', kinds: ['partial-update', 'churn'], type: 'number', standard: 0.2, min: 0, max: 1 },
  { name: 'drift', kinds: ['partial-update'], type: 'number', standard: 1, min: 0, max: 1 },
  { name: 'victim', kinds: ['partial-update', 'churn'], type: 'choice', choices: ['', 'oldest', 'random'] },
  { name: 'readsPerWrite', kinds: keyed, type: 'number', standard: 0, min: 0 },
  { name: 'ttl', kinds: ['ttl'], type: 'text', placeholder: '1m0s' },
  { name: 'day', kinds: ['ttl'], type: 'text', placeholder: '10m0s' },
  { name: 'wave', kinds: ['ttl'], type: 'number', min: 0, max: 1 },
  { name: 'size', kinds: ['leak'], type: 'integer', min: 1 },
  { name: 'path', kinds: ['replay'], type: 'text', isRequired: true },
  { name: 'rounds', kinds: everyKind, type: 'integer', value: 20, min: 1 },
  { name: 'interval', kinds: everyKind, type: 'text', standard: '0s' },
  { name: 'duration', kinds: everyKind, type: 'text', placeholder: '1m0s' },
  { name: 'rate', kinds: everyKind, type: 'number', min: 0 },
  { name: 'seed', kinds: keyed, type: 'integer', standard: 1, min: 0 },
  { name: 'valueBytes', kinds: keyed, type: 'integer', standard: 16, min: 0 },
];

export const workloadKinds = everyKind;

export const remedyKinds = ['none', 'gc', 'free-memory', 'clear', 'replace', 'copy', 'incremental-copy', 'shards', 'two-generations', 'swiss'];

/** When a workload's remedy is applied: a field of `when`. */
export const conditions = [
  { name: 'everyRounds', type: 'integer', value: 5, min: 1 },
  { name: 'loadBelow', type: 'number', min: 0, max: 1 },
  { name: 'retainedBytes', type: 'integer', min: 0 },
  { name: 'every', type: 'text', placeholder: '10s' },
];
