// The tour: says what to expect, does it with real calls, and holds what came out to what was published. `#tour=3` is its third step.

import { say } from './words.js';
import { make, byId } from './elements.js';
import { send, curlLine } from './calls.js';
import { showAnswer } from './answers.js';
import { runWorkload } from './workloads.js';
import { watchJobs } from './jobs.js';
import { steps } from './tour-steps.js';

export class Tour {
  #memory;
  #current = 0;
  #isBusy = false;
  #links;
  #panel = make('div', { class: 'card' });

  /** @param memory is read again after each step. */
  constructor(memory) {
    this.#memory = memory;
    this.#links = steps.map((_, at) => make('a', { href: `#tour=${at + 1}` }, `${at + 1}. ${say(`tour-${at + 1}`)}`));
    byId('tour-body').append(make('p', {}, say('tourAbout')),
      make('ol', { class: 'steps' }, ...this.#links.map((link) => make('li', {}, link))), this.#panel);
    addEventListener('hashchange', () => this.#follow(true));
    this.#show(0);
    this.#follow(false);
  }

  /** To the step that the address names. */
  #follow(takesFocus) {
    const step = Number(/^#tour=(\d+)$/.exec(location.hash)?.[1]);
    if (!(step >= 1 && step <= steps.length)) return;
    this.#show(step - 1);
    byId('tour').scrollIntoView();
    if (takesFocus) this.#panel.querySelector('h3').focus({ preventScroll: true });
  }

  #show(step) {
    this.#current = step;
    this.#links.forEach((link, at) => (at === step ? link.setAttribute('aria-current', 'step') : link.removeAttribute('aria-current')));
    const name = `tour-${step + 1}`;
    const results = make('div', { 'aria-live': 'polite' });
    const button = make('button', { type: 'button', class: 'main', onclick: () => this.#run(step, results, button) }, say('doStep'));
    this.#panel.replaceChildren(
      make('h3', { tabindex: -1 }, `${step + 1}. ${say(name)}`),
      make('p', {}, make('strong', {}, say('expect')), ' ', say(`${name}-expect`)),
      button, results);
  }

  async #run(step, results, button) {
    if (this.#isBusy) return;
    this.#isBusy = true;
    button.disabled = true;
    const done = watchJobs();
    try {
      results.replaceChildren();
      const answers = await this.#answers(steps[step], results);
      if (answers) this.#conclude(step, steps[step].check(answers), results);
    } finally {
      done();
      this.#isBusy = false;
      button.disabled = false;
    }
    this.#memory.read();
  }

  /** What the step's calls answered; nothing when one failed, which is shown. */
  async #answers({ prepare, calls }, results) {
    let before = [];
    if (prepare) {
      const map = await send({ method: 'GET', path: '/map' });
      before = map.ok ? prepare(map.json) : [];
      if (before.length) results.append(make('p', { class: 'hint' }, say('preparing')));
    }
    for (const call of before) if (!await this.#do(call, results)) return undefined;
    const answers = [];
    for (const call of calls) {
      const answer = await this.#do(call, results);
      if (!answer) return undefined;
      answers.push(answer);
    }
    return answers;
  }

  async #do(call, results) {
    const place = make('div', { class: 'answer' });
    if (!call.isQuiet) results.append(make('div', { class: 'curl' }, make('code', {}, curlLine(call))), place);
    if (call.isWorkload) {
      const report = await runWorkload(call, place);
      return report?.state === 'done' ? report : undefined;
    }
    place.append(say('working'));
    const answer = await send(call);
    if (!answer.ok && !place.isConnected) results.append(place);
    showAnswer(place, answer, call.kind, call.columns);
    return answer.ok ? answer.json : undefined;
  }

  #conclude(step, { holds, values }, results) {
    const name = `tour-${step + 1}`;
    this.#links[step].classList.toggle('done', holds);
    const next = step + 1 < steps.length
      ? make('a', { class: 'next', href: `#tour=${step + 2}` }, `${say('nextStep')}: ${say(`tour-${step + 2}`)}`)
      : make('span', {}, say('tourEnd'));
    results.append(
      make('p', { class: holds ? 'check holds' : 'check fails' }, `${say(holds ? 'checkHolds' : 'checkFails')} ${say(`${name}-check`, values)}`),
      make('p', { class: 'published' }, say(`${name}-published`)), make('p', {}, next));
  }
}
