// The charts: one time axis for all, which is zoomed, panned and held, and one cursor that reads all of them.

import { say, hasWords } from './words.js';
import { make, makeTable, byId } from './elements.js';
import { bytes, count, milliseconds, percent, time as clockTime } from './figures.js';
import { CanvasSurface } from './surfaces.js';
import { paint, timeScale } from './painter.js';
import { downloadCSV, downloadSVG, downloadPNG } from './downloads.js';

const ofBytes = { format: bytes, isBinary: true };
const ofCount = { format: count };

const definitions = [
  { id: 'memory', isTall: true, series: [
    { name: 'RSS', colour: 'series-2', ...ofBytes },
    { name: 'HeapInuse', colour: 'series-1', ...ofBytes },
    { name: 'Alloc', colour: 'series-3', ...ofBytes },
    { name: 'HeapIdle', colour: 'series-4', ...ofBytes },
    { name: 'HeapReleased', colour: 'series-5', ...ofBytes },
    { name: 'memoryLimit', colour: 'series-6', dash: [8, 4], isLevel: true, ...ofBytes },
    { name: 'goal', colour: 'series-7', dash: [2, 3], isLevel: true, ...ofBytes },
  ] },
  { id: 'entries', series: [
    { name: 'len', colour: 'series-1', ...ofCount },
    { name: 'slots', colour: 'series-2', ...ofCount },
  ] },
  { id: 'retained', series: [
    { name: 'retainedBytes', colour: 'series-6', ...ofBytes },
    { name: 'bytes.total', colour: 'series-1', ...ofBytes },
  ] },
  { id: 'collections', series: [
    { name: 'pause', colour: 'series-4', format: milliseconds },
    { name: 'GCCPUFraction', colour: 'series-2', format: percent, isRight: true },
    { name: 'cycles', colour: 'series-7', isTick: true, ...ofCount },
  ] },
];

const spans = [60e3, 300e3, 3600e3];
const shortestSpan = 5e3;
const rowsInTable = 40;

export class Charts {
  #timeline;
  #charts = [];
  #view = { span: spans[1], end: undefined };
  #isHeld = false;
  #cursor;
  #isAsked = false;
  #isStale = true;
  #describedTime;
  #colours;
  #buttons = {};

  constructor(timeline) {
    this.#timeline = timeline;
    for (const definition of definitions) this.#charts.push(this.#build(definition));
    this.#buildTools();
    this.#readColours();
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { this.#readColours(); this.#ask(); });
    const sizes = new ResizeObserver(() => this.#ask());
    for (const chart of this.#charts) sizes.observe(chart.plot);
    timeline.addEventListener('change', () => { if (!this.#isHeld) this.#ask(); });
  }

  /** What is in sight, in milliseconds since 1970. */
  get view() {
    const to = this.#view.end ?? this.#timeline.lastTime;
    return { from: to - this.#view.span, to };
  }

  /** Holds the picture; what happens is recorded all the same. */
  hold(isHeld) {
    this.#isHeld = isHeld;
    this.#view.end = isHeld ? this.view.to : undefined;
    this.#ask();
  }

  showLast(milliseconds) {
    this.#view = { span: milliseconds, end: undefined };
    this.#isHeld = false;
    this.#ask();
  }

  /** @param factor below 1 shows less. @param around the time that stays where it is. */
  zoom(factor, around = this.#cursor ?? this.view.to) {
    const { from, to } = this.view;
    const longest = Math.max(spans[2], this.#timeline.lastTime - this.#timeline.firstTime);
    const span = Math.min(longest, Math.max(shortestSpan, (to - from) * factor));
    const end = around + (to - around) * (span / (to - from));
    this.#view.span = span;
    if (this.#view.end !== undefined || end < this.#timeline.lastTime) this.#move(end); else this.#ask();
  }

  /** @param share of what is in sight; below 0 goes back. */
  pan(share) { this.#move(this.view.to + share * this.#view.span); }

  /** To a place in time; at the newest sample the charts go on with it. */
  #move(end) {
    const earliest = Math.min(this.#timeline.firstTime + this.#view.span, this.#timeline.lastTime);
    const isNewest = end >= this.#timeline.lastTime && !this.#isHeld;
    this.#view.end = isNewest ? undefined : Math.min(Math.max(end, earliest), this.#timeline.lastTime);
    this.#ask();
  }

  #build(definition) {
    const title = say(`chart-${definition.id}`);
    const chart = { ...definition, title, series: definition.series.map((each) => ({ ...each })) };
    chart.canvas = make('canvas', { role: 'img', 'aria-label': title });
    chart.cursor = make('div', { class: 'cursor', hidden: true });
    chart.plot = make('div', {
      class: definition.isTall ? 'plot tall' : 'plot', tabindex: 0, role: 'group', 'aria-label': title,
      'aria-describedby': 'chart-keys',
    }, chart.canvas, chart.cursor);
    chart.table = make('details', {}, make('summary', {}, say('asTable', { chart: title })));
    chart.table.addEventListener('toggle', () => this.#fillTable(chart));
    const legend = chart.series.map((series) => {
      series.text = make('span', {});
      return make('button', {
        class: `series ${series.colour}`, 'aria-pressed': 'true', type: 'button', title: explanation(series.name),
        onclick: ({ currentTarget }) => {
          series.isHidden = !series.isHidden;
          currentTarget.setAttribute('aria-pressed', String(!series.isHidden));
          this.#ask();
        },
      }, make('span', { class: series.dash ? 'swatch dashed' : 'swatch' }), series.text);
    });
    byId('chart-list').append(make('figure', { id: `chart-${chart.id}` },
      make('figcaption', {}, make('h3', {}, title), ...legend), chart.plot, chart.table));
    this.#listen(chart);
    return chart;
  }

  #listen({ plot }) {
    let drag;
    plot.addEventListener('pointerdown', (event) => {
      drag = { x: event.clientX, to: this.view.to };
      plot.setPointerCapture(event.pointerId);
    });
    plot.addEventListener('pointermove', (event) => {
      if (drag && Math.abs(event.clientX - drag.x) > 3) {
        const { inner } = timeScale(this.view, plot.clientWidth);
        this.#move(drag.to - ((event.clientX - drag.x) / inner) * this.#view.span);
      }
      this.#point(this.#timeAt(plot, event));
    });
    for (const end of ['pointerup', 'pointercancel']) plot.addEventListener(end, () => { drag = undefined; });
    plot.addEventListener('pointerleave', () => { if (!drag) this.#point(undefined); });
    plot.addEventListener('dblclick', () => this.showLast(this.#view.span));
    plot.addEventListener('wheel', (event) => {
      // Without a key the wheel is the page's.
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      this.zoom(event.deltaY > 0 ? 1.25 : 0.8, this.#timeAt(plot, event));
    }, { passive: false });
    plot.addEventListener('keydown', (event) => this.#press(event));
    plot.addEventListener('blur', () => this.#point(undefined));
  }

  #timeAt(plot, event) {
    return timeScale(this.view, plot.clientWidth).time(event.clientX - plot.getBoundingClientRect().left);
  }

  #press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const direction = event.key === 'ArrowLeft' ? -1 : 1;
    switch (event.key) {
      case 'ArrowLeft': case 'ArrowRight':
        if (event.shiftKey) this.pan(direction * 0.25);
        else this.#step(direction);
        break;
      case '+': case '=': this.zoom(0.5); break;
      case '-': this.zoom(2); break;
      case 'Home': this.#move(-Infinity); break;
      case 'End': case 'Escape': this.#point(undefined); this.showLast(this.#view.span); break;
      case ' ': this.hold(!this.#isHeld); break;
      default: return;
    }
    event.preventDefault();
  }

  /** The cursor to the next sample, which is read out. */
  #step(direction) {
    const timeline = this.#timeline;
    if (!timeline.count) return;
    const { from, to } = this.view;
    const at = this.#cursor === undefined ? timeline.end - 1 : timeline.indexAt(this.#cursor) + direction;
    const index = Math.min(timeline.end - 1, Math.max(timeline.first, at));
    const time = timeline.columns.time[index];
    if (time < from || time > to) this.#move(time < from ? time + this.#view.span / 2 : time);
    this.#point(time);
    byId('cursor-text').textContent = [clockTime(time), ...this.#charts.flatMap(({ series }) => series
      .filter((each) => !each.isHidden).map((each) => textOf(each, timeline, index)))].join(', ');
  }

  #point(time) {
    this.#cursor = time;
    this.#ask(false);
  }

  #buildTools() {
    const tool = (name, act) => {
      this.#buttons[name] = make('button', { type: 'button', onclick: act }, say(name));
      return this.#buttons[name];
    };
    const look = () => ({ charts: this.#charts, view: this.view, timeline: this.#timeline, colours: this.#colours });
    byId('chart-tools').append(
      tool('lastMinute', () => this.showLast(spans[0])), tool('last5Minutes', () => this.showLast(spans[1])),
      tool('lastHour', () => this.showLast(Math.max(spans[2], this.#timeline.lastTime - this.#timeline.firstTime))),
      tool('zoomIn', () => this.zoom(0.5)), tool('zoomOut', () => this.zoom(2)),
      tool('back', () => this.pan(-0.5)), tool('forward', () => this.pan(0.5)),
      tool('pause', () => this.hold(!this.#isHeld)),
      tool('csv', () => downloadCSV(look())), tool('svg', () => downloadSVG(look())), tool('png', () => downloadPNG(look())));
  }

  #readColours() {
    const probe = make('span', { hidden: true });
    document.body.append(probe);
    this.#colours = {};
    for (const name of ['text', 'faint', 'line', 'mark', 'card', ...[1, 2, 3, 4, 5, 6, 7].map((each) => `series-${each}`)]) {
      probe.style.color = `var(--${name})`;
      this.#colours[name] = getComputedStyle(probe).color;
    }
    probe.remove();
  }

  /** Before the next frame, once. @param isWhole false when only the cursor has moved. */
  #ask(isWhole = true) {
    this.#isStale ||= isWhole;
    if (this.#isAsked) return;
    this.#isAsked = true;
    requestAnimationFrame(() => {
      this.#isAsked = false;
      if (this.#isStale) this.#paint();
      this.#isStale = false;
      this.#read();
    });
  }

  #paint() {
    const timeline = this.#timeline;
    const { view } = this;
    this.#charts.forEach((chart, place) => {
      const { clientWidth: width, clientHeight: height } = chart.plot;
      if (!width) return;
      const surface = new CanvasSurface(chart.canvas, width, height, devicePixelRatio);
      paint(surface, { width, height }, chart, view, timeline, { colours: this.#colours, hasNames: place === 0 });
    });
    this.#describe();
    this.#buttons.pause.setAttribute('aria-pressed', String(this.#isHeld));
    setText(this.#buttons.pause, say(this.#isHeld ? 'goOn' : 'pause'));
    for (const [button, span] of [['lastMinute', spans[0]], ['last5Minutes', spans[1]], ['lastHour', spans[2]]]) {
      this.#buttons[button].setAttribute('aria-pressed', String(this.#view.end === undefined && this.#view.span === span));
    }
  }

  /** What a screen reader says of each chart, once a sample. */
  #describe() {
    const { lastTime } = this.#timeline;
    if (lastTime === this.#describedTime) return;
    this.#describedTime = lastTime;
    for (const { canvas, title, series } of this.#charts) {
      canvas.setAttribute('aria-label', `${title}: ${series.map((each) => textOf(each, this.#timeline, this.#timeline.end - 1)).join(', ')}`);
    }
  }

  /** The figures at the cursor, or the newest. PERF: the cursor is a line over the canvas, so moving it paints nothing anew. */
  #read() {
    const timeline = this.#timeline;
    const index = this.#cursor === undefined
      ? timeline.end - 1 : Math.min(timeline.end - 1, timeline.indexAt(this.#cursor));
    const isShown = this.#cursor !== undefined && index >= timeline.first;
    for (const chart of this.#charts) {
      chart.cursor.hidden = !isShown;
      if (isShown) {
        const x = timeScale(this.view, chart.plot.clientWidth).x(timeline.columns.time[index]);
        chart.cursor.style.transform = `translateX(${x}px)`;
      }
      for (const series of chart.series) setText(series.text, textOf(series, timeline, index));
    }
  }

  #fillTable(chart) {
    chart.table.querySelector('.scroll')?.remove();
    if (!chart.table.open) return;
    const timeline = this.#timeline;
    const { from, to } = this.view;
    const first = timeline.indexAt(from), last = timeline.indexAt(to + 1);
    const step = Math.max(1, Math.ceil((last - first) / rowsInTable));
    const rows = [];
    for (let at = last - 1; at >= first; at -= step) {
      rows.push([clockTime(timeline.columns.time[at]), ...chart.series.map((each) => valueText(each, timeline, at))]);
    }
    chart.table.append(makeTable(
      say('tableCaption', { chart: chart.title, count: count(rows.length), from: clockTime(from), to: clockTime(to) }),
      [say('time'), ...chart.series.map((each) => nameOf(each.name))], rows));
  }
}

const nameOf = (name) => (hasWords(`series-${name}`) ? say(`series-${name}`) : name);
const explanation = (name) => (hasWords(`what-${name}`) ? say(`what-${name}`) : null);

function valueText(series, timeline, index) {
  const value = index < timeline.first ? NaN : timeline.value(series.name, index);
  return Number.isNaN(value) ? '–' : series.format(value);
}

/** PERF: an element whose text is set is laid out again, even if it is the same. */
function setText(element, text) { if (element.textContent !== text) element.textContent = text; }

const textOf = (series, timeline, index) => `${nameOf(series.name)} ${valueText(series, timeline, index)}`;
