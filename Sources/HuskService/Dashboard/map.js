// The map as it is: its figures, and the server's picture of it, drawn anew when it has changed and someone looks.

import { say } from './words.js';
import { make, byId } from './elements.js';
import { bytes, count, number } from './figures.js';
import { send } from './calls.js';

/** Between two pictures, in milliseconds: each is a reading of the whole map. */
const shortestPause = 2000;

export class MapView {
  #timeline;
  #drawn;
  #address;
  #isSeen = false;
  #isBusy = false;

  constructor(timeline) {
    this.#timeline = timeline;
    new IntersectionObserver((entries) => {
      this.#isSeen = entries.at(-1).isIntersecting;
      this.#draw();
    }).observe(byId('map'));
    timeline.addEventListener('change', () => this.#draw());
  }

  /** What makes one picture differ from another, as far as samples tell. */
  get #state() {
    const { end, marks } = this.#timeline;
    const figures = ['len', 'slots', 'bytes.total'].map((name) => this.#timeline.value(name, end - 1));
    return [...figures, marks.at(-1)?.sequence].join();
  }

  async #draw() {
    if (!this.#isSeen || this.#isBusy || document.hidden || this.#timeline.state === 'gone') return;
    const state = this.#state;
    if (state === this.#drawn) return;
    this.#isBusy = true;
    const [map, picture] = await Promise.all([
      send({ method: 'GET', path: '/map' }), send({ method: 'GET', path: '/map/layout.svg' })]);
    if (map.ok) this.#figures(map.json);
    if (picture.ok) this.#show(picture.text, map.json);
    this.#drawn = state;
    setTimeout(() => { this.#isBusy = false; this.#draw(); }, shortestPause);
  }

  #figures(map) {
    const figures = {
      type: map.nil ? `${map.type} = nil` : map.type, layout: map.layout, shards: count(map.shards), len: count(map.len),
      slots: count(map.slots), loadFactor: number(map.loadFactor), total: bytes(map.bytes.total),
      retained: bytes(map.retainedBytes),
    };
    byId('map-figures').replaceChildren(...Object.entries(figures).map(([name, text]) =>
      make('div', {}, make('dt', {}, say(`map-${name}`)), make('dd', {}, text))));
  }

  #show(svg, map) {
    const address = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
    const image = byId('map-picture').firstElementChild
      ?? byId('map-picture').appendChild(make('img', {}));
    image.alt = map ? say('pictureOf', { type: map.type, len: count(map.len), slots: count(map.slots) }) : '';
    image.src = address;
    if (this.#address) URL.revokeObjectURL(this.#address);
    this.#address = address;
  }
}
