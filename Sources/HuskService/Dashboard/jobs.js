// Long work that is under way on the server, looked for only while this page waits for an answer.

import { say, hasWords } from './words.js';
import { make, byId } from './elements.js';
import { percent } from './figures.js';
import { send } from './calls.js';

const period = 1000;
let waiting = 0;
let timer;

/** Shows what is under way, until the function that is returned is called. */
export function watchJobs() {
  waiting += 1;
  timer ??= setTimeout(look, period);
  return () => {
    waiting -= 1;
    if (waiting === 0) {
      clearTimeout(timer);
      timer = undefined;
      byId('jobs').replaceChildren();
    }
  };
}

async function look() {
  const answer = await send({ method: 'GET', path: '/jobs' });
  if (waiting === 0) return;
  if (answer.ok) byId('jobs').replaceChildren(...answer.json.jobs.map(row));
  timer = setTimeout(look, period);
}

function row(job) {
  const kind = hasWords(`job-${job.kind}`) ? say(`job-${job.kind}`) : job.kind;
  const share = job.total ? job.done / job.total : undefined;
  return make('p', { class: 'card' }, `${say('underWay')}: ${kind} ${share === undefined ? '' : percent(share)} `,
    make('button', { type: 'button', onclick: () => send({ method: 'DELETE', path: `/jobs/${job.id}` }) }, say('cancel')));
}
