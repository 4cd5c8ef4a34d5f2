// A form for every operation, scenario and workload. Each shows the curl line that does the same, as it is filled in.

import { say, hasWords } from './words.js';
import { make, byId } from './elements.js';
import { send, curlLine } from './calls.js';
import { showAnswer } from './answers.js';
import { runWorkload } from './workloads.js';
import { compareRemedies } from './comparison.js';
import { operations, workloadFields, workloadKinds, remedyKinds, conditions } from './operations.js';
import { watchJobs } from './jobs.js';

/** The words of a name if there are any, else the name. */
const wordsOr = (name, otherwise) => (hasWords(name) ? say(name) : otherwise);

/** Adds all forms to the page. @param memory is read again after each change. */
export async function makeForms(memory) {
  const list = byId('operation-list');
  const groups = Map.groupBy(operations, (each) => each.group);
  for (const [group, ofGroup] of groups) {
    list.append(make('h3', { class: 'group' }, say(`group-${group}`)), ...ofGroup.map((each) => formOf(each, memory)));
  }
  list.append(make('h3', { class: 'group' }, say('group-workload')), workloadForm(memory), comparisonForm(memory));
  const scenarios = await send({ method: 'GET', path: '/scenarios' });
  if (!scenarios.ok) return;
  list.append(make('h3', { class: 'group' }, say('group-scenarios')),
    ...scenarios.json.scenarios.map((each) => formOf(scenarioForm(each), memory)));
}

function scenarioForm({ name, title, parameters }) {
  const types = { integer: 'integer', number: 'number', list: 'list', boolean: 'flag' };
  return {
    id: `scenario-${name}`, title: wordsOr(`scenario-${name}`, title), method: 'POST', path: `/scenarios/${name}`, isSlow: true,
    fields: parameters.map(({ name: field, type, choices, default: standard, minimum, maximum, help }) => ({
      name: field, type: choices && type !== 'list' ? 'choice' : types[type] ?? 'text',
      choices: choices && ['', ...choices], standard: type === 'list' ? standard?.join(', ') : standard ?? undefined,
      min: minimum, max: maximum, help,
    })),
  };
}

/** What a form's fields say. */
class Fields {
  inputs = [];

  constructor(definitions, prefix) {
    for (const field of definitions) {
      const id = `${prefix}-${field.name}`;
      const input = inputOf(field, id);
      const label = make('label', { class: field.type === 'lines' ? 'wide' : null, title: field.help }, wordsOr(`field-${field.name}`, field.name), input);
      this.inputs.push({ field, input, label });
    }
  }

  get labels() { return this.inputs.map(({ label }) => label); }

  /** @returns `{ path, query, body, text }`: where each value goes. */
  read() {
    const said = { path: {}, query: {}, body: {}, text: undefined };
    for (const { field, input, label } of this.inputs) {
      if (label.hidden) continue;
      const value = valueOf(field, input);
      if (field.isBody) said.text = input.value;
      else if (field.isQuery) { if (value !== undefined) said.query[field.name] = value; }
      else if (field.isRequired && field.name === 'key') said.path[field.name] = input.value;
      else if (value !== undefined && value !== field.standard) said.body[field.name] = value;
    }
    return said;
  }
}

function inputOf(field, id) {
  const value = field.value ?? field.standard;
  if (field.type === 'choice') {
    const select = make('select', { id, name: field.name }, ...field.choices.map((choice) =>
      make('option', { value: choice }, choice === '' ? say('asIs') : choice)));
    select.value = value ?? field.choices[0];
    return select;
  }
  if (field.type === 'flag') return make('input', { id, name: field.name, type: 'checkbox' });
  if (field.type === 'lines') {
    const area = make('textarea', { id, name: field.name, rows: 2 });
    area.value = value ?? '';
    return area;
  }
  const isNumber = field.type === 'integer' || field.type === 'number';
  return make('input', {
    id, name: field.name, type: isNumber ? 'number' : 'text', value: value ?? '', placeholder: field.placeholder,
    min: field.min, max: field.max, step: field.type === 'number' ? 'any' : null, required: field.isRequired, autocomplete: 'off',
  });
}

function valueOf(field, input) {
  if (field.type === 'flag') return input.checked || undefined;
  if (input.value === '') return undefined;
  if (field.type === 'integer' || field.type === 'number' || field.isInteger) return Number(input.value);
  if (field.type === 'integerOrText') return /^\d+$/.test(input.value) ? Number(input.value) : input.value;
  if (field.type === 'list') {
    const list = input.value.split(',').map((part) => part.trim()).filter(Boolean);
    return input.value === field.standard ? undefined : list;
  }
  if (field.isFlag) return input.value === 'true';
  return input.value;
}

function callOf({ method, path, type, accept }, { path: inPath, query, body, text }) {
  const filled = path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(inPath[name]));
  const search = new URLSearchParams(query).toString();
  const hasFields = Object.keys(body).length > 0;
  return {
    method, type, accept, path: search ? `${filled}?${search}` : filled,
    body: text ?? (hasFields ? body : undefined),
  };
}

/** The frame of a form: a summary, what it is, fields, the curl line, a button and the answer. */
function frame(id, title, about, fields, readCall, run) {
  const code = make('code', {});
  const answer = make('div', { class: 'answer', 'aria-live': 'polite' });
  const button = make('button', { type: 'submit', class: 'main' }, say('do'));
  const copy = make('button', { type: 'button', onclick: () => copyText(code.textContent, copy) }, say('copy'));
  const form = make('form', {
    novalidate: true, oninput: update, onchange: update,
    onsubmit: async (event) => {
      event.preventDefault();
      if (!form.reportValidity()) return;
      button.disabled = true;
      answer.classList.remove('failed');
      answer.replaceChildren(make('p', {}, say('working')));
      const done = watchJobs();
      try { await run(readCall(), answer); } finally { done(); button.disabled = false; button.focus(); }
    },
  }, about ? make('p', { class: 'hint' }, about) : undefined, make('div', { class: 'fields' }, ...fields),
  make('div', { class: 'curl' }, code, copy), button, answer);
  function update() { code.textContent = curlLine(readCall()); }
  update();
  return make('details', { class: 'card', id: `form-${id}` }, make('summary', {}, title), form);
}

async function copyText(text, button) {
  try { await navigator.clipboard.writeText(text); } catch {
    // Only a secure page has the clipboard: the old way, with a selection.
    const area = make('textarea', { 'aria-hidden': 'true' });
    area.value = text;
    button.after(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
  button.textContent = say('copied');
  setTimeout(() => { button.textContent = say('copy'); }, 2000);
}

function formOf(definition, memory) {
  const fields = new Fields(definition.fields, definition.id);
  const title = definition.title ?? say(`op-${definition.id}`);
  return frame(definition.id, title, wordsOr(`about-${definition.id}`, ''), fields.labels, () => callOf(definition, fields.read()),
    async (call, answer) => {
      showAnswer(answer, await send(call), definition.kind);
      if (call.method !== 'GET') memory.read();
    });
}

function showField({ input, label }, isShown) {
  label.hidden = !isShown;
  // So that it need not be valid either.
  input.disabled = !isShown;
}

/** The fields of a workload, those of its kind shown, and of when a remedy is applied. */
function workloadInputs(prefix) {
  const kind = inputOf({ name: 'kind', type: 'choice', choices: workloadKinds }, `${prefix}-kind`);
  const fields = new Fields(workloadFields, prefix);
  const when = new Fields(conditions, `${prefix}-when`);
  const show = () => { for (const each of fields.inputs) showField(each, each.field.kinds.includes(kind.value)); };
  show();
  kind.addEventListener('change', show);
  return {
    labels: [make('label', {}, say('field-kind'), kind), ...fields.labels], when,
    read: () => ({ kind: kind.value, ...fields.read().body }),
  };
}

function workloadForm(memory) {
  const { labels, when, read } = workloadInputs('workload');
  const remedy = inputOf({ name: 'remedy', type: 'choice', choices: remedyKinds }, 'workload-remedy');
  const show = () => { for (const each of when.inputs) showField(each, remedy.value !== 'none'); };
  show();
  remedy.addEventListener('change', show);
  const readCall = () => {
    const body = read();
    if (remedy.value !== 'none') body.remedy = { when: when.read().body, do: { kind: remedy.value } };
    return { method: 'POST', path: '/workloads', body };
  };
  const all = [...labels, make('label', {}, say('remedy'), remedy), ...when.labels];
  return frame('workload', say('op-workload'), say('about-workload'), all, readCall, async (call, answer) => {
    await runWorkload(call, answer);
    memory.read();
  });
}

function comparisonForm(memory) {
  const { labels, when, read } = workloadInputs('compare');
  // The line of one of them.
  const readCall = () => ({
    method: 'POST', path: '/workloads', body: { ...read(), remedy: { when: when.read().body, do: { kind: 'copy' } } },
  });
  return frame('compare', say('op-compare'), say('about-compare'), [...labels, ...when.labels], readCall, async (_, answer) => {
    await compareRemedies(read(), when.read().body, answer);
    memory.read();
  });
}
