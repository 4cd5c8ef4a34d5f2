// What is in sight, as a file: CSV of the samples, SVG or PNG of the charts.

import { make } from './elements.js';
import { CanvasSurface, SVGSurface } from './surfaces.js';
import { paint } from './painter.js';

const size = { width: 1200, height: 260 };
const headHeight = 22;

function save(name, blob) {
  const address = URL.createObjectURL(blob);
  make('a', { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10e3);
}

const fileName = (view, ending) => `husk-${new Date(view.to).toISOString().slice(0, 19).replaceAll(':', '-')}.${ending}`;

export function downloadCSV({ view, timeline }) {
  const names = Object.keys(timeline.columns);
  const lines = [names.join(',')];
  for (let at = timeline.indexAt(view.from); at < timeline.indexAt(view.to + 1); at += 1) {
    lines.push(names.map((name) => {
      const value = timeline.value(name, at);
      return Number.isNaN(value) ? '' : value;
    }).join(','));
  }
  save(fileName(view, 'csv'), new Blob([`${lines.join('\n')}\n`], { type: 'text/csv' }));
}

/** A chart's lines by name, in their colours, above the chart. */
function head(surface, chart, colours) {
  surface.fill(0, 0, size.width, headHeight, colours.card);
  let x = 8;
  const write = (words, colour) => {
    surface.text(x, headHeight / 2, words, colour);
    x += surface.widthOf(words) + 14;
  };
  write(chart.title, colours.text);
  for (const series of chart.series) if (!series.isHidden) write(series.text.textContent, colours[series.colour]);
}

const lookOf = (colours, place) => ({ colours, hasNames: place === 0 });

export function downloadSVG({ charts, view, timeline, colours }) {
  const surface = new SVGSurface();
  charts.forEach((chart, place) => {
    const top = place * (size.height + headHeight);
    surface.below(top, () => head(surface, chart, colours));
    surface.below(top + headHeight, () => paint(surface, size, chart, view, timeline, lookOf(colours, place)));
  });
  const text = surface.document(size.width, charts.length * (size.height + headHeight));
  save(fileName(view, 'svg'), new Blob([text], { type: 'image/svg+xml' }));
}

export function downloadPNG({ charts, view, timeline, colours }) {
  const scale = 2;
  const whole = document.createElement('canvas');
  whole.width = size.width * scale;
  whole.height = charts.length * (size.height + headHeight) * scale;
  const context = whole.getContext('2d');
  charts.forEach((chart, place) => {
    const top = place * (size.height + headHeight) * scale;
    const part = document.createElement('canvas');
    head(new CanvasSurface(part, size.width, headHeight, scale), chart, colours);
    context.drawImage(part, 0, top);
    paint(new CanvasSurface(part, size.width, size.height, scale), size, chart, view, timeline, lookOf(colours, place));
    context.drawImage(part, 0, top + headHeight * scale);
  });
  whole.toBlob((blob) => save(fileName(view, 'png'), blob), 'image/png');
}
