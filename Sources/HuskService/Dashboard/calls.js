// Calls of the server, and the curl line that does the same.

/**
 * A call: `{ method, path, body?, type?, accept? }`; the body is an object (sent as JSON) or text.
 * @returns `{ ok, status, json, text, location }`; status 0 when the server did not answer.
 */
export async function send({ method, path, body, type, accept }) {
  const headers = {};
  if (body !== undefined) headers['Content-Type'] = type ?? 'application/json';
  if (accept) headers.Accept = accept;
  try {
    const response = await fetch(path, { method, headers, body: textOf(body), cache: 'no-store' });
    const text = await response.text();
    let json;
    // Not of application/x-ndjson, which is one a line.
    if (/[/+]json\b/.test(response.headers.get('Content-Type') ?? '')) json = JSON.parse(text);
    return { ok: response.ok, status: response.status, json, text, location: response.headers.get('Location') };
  } catch (error) {
    return { ok: false, status: 0, text: String(error) };
  }
}

const textOf = (body) => (body === undefined || typeof body === 'string' ? body : JSON.stringify(body));

/** For a POSIX shell. */
const quote = (text) => (/^[\w.:/=,@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

export function curlLine({ method, path, body, accept }) {
  const parts = ['curl'];
  const sent = textOf(body);
  if (method === 'PUT' || method === 'PATCH' || method === 'DELETE' || (method === 'POST' && sent === undefined)) {
    parts.push('-X', method);
  }
  if (accept) parts.push('-H', quote(`Accept: ${accept}`));
  if (sent !== undefined) parts.push('--data-binary', quote(sent));
  parts.push(quote(location.origin + path));
  return parts.join(' ');
}
