// The server's events. All pages of one browser share one connection, by way of a shared worker: a browser opens only six
// to a server, and each page would hold one. This file is both the worker and what the page imports.

const kinds = ['hello', 'sample', 'mark', 'dropped'];

/** Calls `tell({ kind, value })` with each event, and with kind `gone` when the connection is lost. @returns what ends it. */
function connect(tell) {
  let source, timer;
  const open = () => {
    source = new EventSource('/events');
    for (const kind of kinds) source.addEventListener(kind, ({ data }) => tell({ kind, value: JSON.parse(data) }));
    source.onerror = () => {
      tell({ kind: 'gone' });
      // Otherwise the browser connects again by itself, and says which event it saw last.
      if (source.readyState === EventSource.CLOSED) timer = setTimeout(open, 1000);
    };
  };
  open();
  return () => { clearTimeout(timer); source.close(); };
}

/** In a page: listens through the worker, or by itself where there are none. */
export function listen(tell) {
  if (!window.SharedWorker) return connect(tell);
  const { port } = new SharedWorker('/ui/events.js', { type: 'module', name: 'husk-events' });
  port.onmessage = ({ data }) => tell(data);
  port.start();
  addEventListener('pagehide', () => port.postMessage('bye'));
  // Back from the browser's cache of pages.
  addEventListener('pageshow', ({ persisted }) => { if (persisted) location.reload(); });
}

if (globalThis.SharedWorkerGlobalScope) {
  const ports = new Set();
  let end, last;
  globalThis.onconnect = ({ ports: [port] }) => {
    ports.add(port);
    port.onmessage = () => {
      ports.delete(port);
      if (ports.size === 0) { end(); end = undefined; last = undefined; }
    };
    if (last) port.postMessage(last);
    end ??= connect((event) => {
      // For pages that come later: whether there is a connection.
      if (event.kind === 'hello' || event.kind === 'gone') last = event;
      for (const each of ports) each.postMessage(event);
    });
  };
}
