// Where the bytes of the heap are, as one bar, and what each remedy would give back, beside the button that does it.

import { say, language } from './words.js';
import { make, makeTable, byId } from './elements.js';
import { bytes } from './figures.js';
import { send, curlLine } from './calls.js';
import { remedyCalls } from './operations.js';
import { showAnswer } from './answers.js';
import { remedyName } from './workloads.js';

/** Of GET /memory's `heap`, in the order of the bar. */
const parts = {
  entries: (heap) => heap.entries.map + heap.entries.keysAndValues,
  retained: (heap) => heap.retained,
  otherLive: (heap) => heap.otherLive,
  garbage: (heap) => heap.garbage.unswept + heap.garbage.unmarked,
  waste: (heap) => heap.waste.freeSlots + heap.waste.spanTails,
  idle: (heap) => heap.idle,
  released: (heap) => heap.released,
};

/** Between two readings that nobody asked for, in milliseconds: each looks at every page of the heap. */
const shortestPause = 10e3;

export class MemoryView {
  #readAt = 0;
  #isSeen = false;
  #bar = {};
  #answer = make('div', { class: 'answer', 'aria-live': 'polite' });
  #content = make('div', {});

  constructor(timeline) {
    const refresh = make('button', { type: 'button', onclick: () => this.read() }, say('readAgain'));
    const bar = make('div', { class: 'bar', 'aria-hidden': 'true' });
    for (const name of Object.keys(parts)) bar.append(this.#bar[name] = make('div', { class: `part-${name}` }));
    byId('memory-body').append(bar, this.#content, this.#answer, refresh);
    new IntersectionObserver((entries) => {
      this.#isSeen = entries.at(-1).isIntersecting;
      this.#readIfDue();
    }).observe(byId('memory'));
    timeline.addEventListener('mark', ({ detail }) => { if (detail.kind !== 'gc') this.#readIfDue(); });
    timeline.addEventListener('state', () => this.#readIfDue());
  }

  #readIfDue() {
    if (this.#isSeen && !document.hidden && Date.now() - this.#readAt > shortestPause) this.read();
  }

  async read() {
    this.#readAt = Date.now();
    const answer = await send({ method: 'GET', path: '/memory' });
    if (!answer.ok) {
      this.#content.replaceChildren(make('p', { class: 'hint' }, say('noMemory')));
      return;
    }
    this.#show(answer.json);
  }

  #show({ heap, rss, forecasts, advice }) {
    for (const [name, read] of Object.entries(parts)) this.#bar[name].style.flexGrow = String(Math.max(0, read(heap)));
    this.#content.replaceChildren(
      make('p', {}, say('sum', { sum: bytes(heap.HeapSys), rss: bytes(rss.RSS), rest: bytes(rss.restOfProcess) })),
      make('ul', { class: 'parts' }, ...Object.entries(parts).map(([name, read]) =>
        make('li', { title: say(`what-part-${name}`) }, make('span', { class: `swatch part-${name}` }), `${say(`part-${name}`)} ${bytes(read(heap))}`))),
      make('p', { class: 'advice' }, make('strong', {}, `${say('advice')}: `), adviceOf(advice)),
      makeTable(say('forecasts'), [say('remedy'), say('frees'), say('needs'), say('rssAfter'), ''],
        forecasts.map((forecast) => this.#row(forecast)), (column) => column === 0));
  }

  #row(forecast) {
    const call = remedyCalls[forecast.remedy];
    const loses = forecast.losesEntries ? ` (${say('losesEntries')})` : '';
    const words = forecast.obstacle ? make('span', { lang: 'en', class: 'hint' }, forecast.obstacle) : undefined;
    const name = make('td', { class: 'words' }, remedyName(forecast.remedy) + loses, words ? make('br') : undefined, words);
    const button = call && !forecast.obstacle
      ? make('button', {
        type: 'button', title: curlLine(call.call), 'data-remedy': forecast.remedy,
        'aria-label': say('doRemedy', { remedy: remedyName(forecast.remedy) }), onclick: () => this.#apply(forecast, call),
      }, say('do')) : '';
    return [name, sized(forecast.frees), sized(forecast.needs), sized(forecast.RSSAfterFreeMemory), make('td', {}, button)];
  }

  async #apply(forecast, { call, kind }) {
    if (forecast.losesEntries && !confirm(say('confirmLoss'))) return;
    this.#answer.replaceChildren(say('working'));
    showAnswer(this.#answer, await send(call), kind);
    await this.read();
    byId('memory-body').querySelector(`[data-remedy="${forecast.remedy}"]`)?.focus();
  }
}

/** The server's own sentence is in English. */
function adviceOf({ remedy, text }) {
  if (language === 'en') return text;
  return make('span', {}, `${remedyName(remedy)} `, make('span', { lang: 'en', class: 'hint' }, text));
}

const sized = (number) => (number === null || number === undefined ? '–' : bytes(number));
