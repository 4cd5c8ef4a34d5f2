// Paints one chart: axes, lines and marks.
//
// A sample's line has at most four points for each pixel (where it enters, its least, its greatest, where it leaves), so an
// hour of samples costs what the chart is wide. A canvas of our own and not a chart library: of 8 lines of 3,600 points on a busy
// machine of two cores, Chart.js 3.9 drew 45 to 57 frames a second at 8 to 11 ms of script each, and this draws 57 to 60 at 2 ms;
// the page has 14 lines.

import { say, hasWords } from './words.js';
import { time as clockTime } from './figures.js';

export const margins = { left: 68, right: 52, top: 18, bottom: 22 };

/** From time to pixel and back, for all charts of a width. */
export function timeScale(view, width) {
  const inner = width - margins.left - margins.right;
  return {
    x: (time) => margins.left + ((time - view.from) / (view.to - view.from)) * inner,
    time: (x) => view.from + ((x - margins.left) / inner) * (view.to - view.from),
    left: margins.left, right: margins.left + inner, inner,
  };
}

/**
 * @param chart `{ series: [{ name, colour, format, isRight, isLevel, isTick, dash, isHidden }] }`; a level (a limit, a goal) may lie above the chart, a
 *   tick is drawn at the foot wherever it is not 0.
 * @param look `{ colours: { text, faint, line, mark, card, series-1… }, hasNames: whether marks have names here }`
 */
export function paint(surface, { width, height }, chart, view, timeline, look) {
  const { colours } = look;
  const scale = timeScale(view, width);
  const foot = height - margins.bottom;
  const first = Math.max(timeline.first, timeline.indexAt(view.from) - 1);
  const last = Math.min(timeline.end, timeline.indexAt(view.to) + 1);
  surface.fill(0, 0, width, height, colours.card);

  const shown = chart.series.filter((series) => !series.isHidden);
  const sides = [false, true].map((isRight) => {
    const ofSide = shown.filter((series) => Boolean(series.isRight) === isRight && !series.isTick);
    return { isRight, series: ofSide, top: greatest(ofSide, timeline, first, last) };
  });
  for (const side of sides) if (side.series.length) valueAxis(side);
  timeAxis();
  surface.within(scale.left, 0, scale.inner, height, () => {
    marks();
    for (const side of sides) for (const series of side.series) line(series, side.top);
    for (const series of shown) if (series.isTick) ticks(series);
  });

  function valueAxis({ isRight, series, top }) {
    const step = stepOf(top, Math.max(2, Math.floor((foot - margins.top) / 45)), series[0].isBinary);
    for (let value = 0; value <= top * 1.0001; value += step) {
      const y = Math.round(yOf(value, top)) + 0.5;
      if (!isRight || !sides[0].series.length) surface.path([scale.left, y, scale.right, y], colours.line);
      surface.text(isRight ? scale.right + 6 : scale.left - 6, y, series[0].format(value), colours.faint, isRight ? 'start' : 'end');
    }
  }

  function timeAxis() {
    const seconds = (view.to - view.from) / 1000;
    const least = seconds / Math.max(2, Math.floor(scale.inner / 90));
    const step = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600].find((each) => each >= least) ?? 7200;
    for (let at = Math.ceil(view.from / 1000 / step) * step * 1000; at <= view.to; at += step * 1000) {
      surface.text(scale.x(at), height - 9, clockTime(at), colours.faint, 'middle');
    }
    surface.path([scale.left, foot + 0.5, scale.right, foot + 0.5], colours.line);
  }

  function marks() {
    let free = -Infinity;
    for (const mark of timeline.marks) {
      if (mark.time < view.from || mark.time > view.to) continue;
      const x = Math.round(scale.x(mark.time)) + 0.5;
      const isCollection = mark.kind === 'gc';
      surface.path([x, margins.top, x, foot], isCollection ? colours.line : colours.mark, { dash: [3, 3] });
      if (!look.hasNames) continue;
      const name = hasWords(`mark-${mark.kind}`) ? say(`mark-${mark.kind}`) : mark.kind;
      const reach = surface.widthOf(name) + 8;
      if (x < free) continue;
      surface.text(x + 2, 9, name, isCollection ? colours.faint : colours.mark);
      free = x + reach;
    }
  }

  function line(series, top) {
    const values = timeline.columns[series.name];
    const { time } = timeline.columns;
    const points = [];
    let column = NaN, low = 0, high = 0, latest = 0;
    const leave = () => {
      if (low !== high) points.push(column, low, column, high);
      points.push(column, latest);
    };
    for (let at = first; at < last; at += 1) {
      const value = values[at];
      const x = Math.round(scale.x(time[at]));
      const y = yOf(value, top);
      if (Number.isNaN(value)) {
        if (!Number.isNaN(column)) leave();
        points.push(x, NaN);
        column = NaN;
      } else if (x !== column) {
        if (!Number.isNaN(column)) leave();
        column = x;
        points.push(x, y);
        low = high = latest = y;
      } else {
        low = Math.min(low, y);
        high = Math.max(high, y);
        latest = y;
      }
    }
    if (!Number.isNaN(column)) leave();
    surface.path(points, colours[series.colour], { width: 1.5, dash: series.dash });
  }

  function ticks(series) {
    const values = timeline.columns[series.name];
    const points = [];
    for (let at = first; at < last; at += 1) {
      if (!(values[at] > 0)) continue;
      const x = scale.x(timeline.columns.time[at]);
      points.push(x, foot, x, foot - 8, x, NaN);
    }
    surface.path(points, colours[series.colour]);
  }

  function yOf(value, top) { return foot - (value / top) * (foot - margins.top); }
}

/** The greatest value in sight; a level counts when it is not far above the rest. */
function greatest(ofSide, timeline, first, last) {
  const topOf = (series) => {
    const values = timeline.columns[series.name];
    let top = 0;
    for (let at = first; at < last; at += 1) if (values[at] > top) top = values[at];
    return top;
  };
  let top = Math.max(0, ...ofSide.filter((series) => !series.isLevel).map(topOf));
  const lines = top;
  for (const series of ofSide) {
    const level = series.isLevel ? topOf(series) : 0;
    if (lines === 0 || level < lines * 1.6) top = Math.max(top, level);
  }
  return (top || 1) * 1.05;
}

/** 1, 2 or 5 times a power of ten; of bytes, a power of two. */
function stepOf(top, steps, isBinary) {
  const least = top / steps;
  if (isBinary) return 2 ** Math.round(Math.log2(Math.max(least, 1)));
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((times) => times * power).find((step) => step >= least);
}
