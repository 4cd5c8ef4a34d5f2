// Starts the page: words first, then the charts, then what can wait.

import { loadWords, say } from './words.js';
import { byId, make } from './elements.js';
import { time } from './figures.js';
import { Timeline } from './timeline.js';
import { Charts } from './charts.js';
import { MapView } from './map.js';
import { MemoryView } from './memory.js';
import { makeForms } from './forms.js';
import { Tour } from './tour.js';

const marksShown = 100;

const timeline = new Timeline();
const loading = loadWords();
// The ring is on its way while the words are.
timeline.start();
await loading;

new Charts(timeline);
new MapView(timeline);
const memory = new MemoryView(timeline);
new Tour(memory);
makeForms(memory).then(() => {
  // What the address names may only now be there.
  if (location.hash.startsWith('#form-')) {
    const form = document.querySelector(location.hash);
    if (form) { form.open = true; form.scrollIntoView(); }
  }
});

function showConnection() {
  const place = byId('connection');
  place.className = timeline.state;
  place.textContent = say(`connection-${timeline.state}`);
}
timeline.addEventListener('state', showConnection);
showConnection();

function showMarks() {
  if (!byId('marks').open) return;
  byId('mark-list').replaceChildren(...timeline.marks.slice(-marksShown).reverse().map((mark) =>
    make('li', { lang: 'en' }, `${time(mark.time)} ${mark.kind}: ${mark.text}${mark.by ? ` (${mark.by})` : ''}`)));
}
byId('marks').addEventListener('toggle', showMarks);
timeline.addEventListener('change', showMarks);

document.documentElement.dataset.ready = 'true';
