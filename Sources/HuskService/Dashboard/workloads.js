// A workload under way: started, watched until it ends, stopped if one wants.

import { say, hasWords } from './words.js';
import { make } from './elements.js';
import { send } from './calls.js';
import { showAnswer, workload } from './answers.js';

export const remedyName = (name) => (hasWords(`remedy-${name}`) ? say(`remedy-${name}`) : name);

const pause = (milliseconds) => new Promise((go) => { setTimeout(go, milliseconds); });

/** Starts a workload and shows how far it is until it ends. @returns its last report, or nothing when it was refused. */
export async function runWorkload(call, place) {
  const started = await send(call);
  if (!started.ok) {
    showAnswer(place, started);
    return undefined;
  }
  const path = started.location ?? `/workloads/${started.json.id}`;
  const stop = make('button', { type: 'button', onclick: () => send({ method: 'DELETE', path }) }, say('stop'));
  let report = started.json;
  const bar = make('progress', { max: report.rounds ?? 1, 'aria-label': say('op-workload') });
  const figures = make('div', {});
  place.replaceChildren(bar, figures, stop);
  while (report.state === 'running') {
    if (report.rounds) bar.value = report.round;
    figures.replaceChildren(workload(report));
    await pause(500);
    const answer = await send({ method: 'GET', path });
    if (answer.ok) report = answer.json;
    else if (answer.status !== 0) {
      showAnswer(place, answer);
      return undefined;
    }
  }
  place.replaceChildren(workload(report));
  return report;
}
