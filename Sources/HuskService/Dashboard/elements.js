// Making elements: `make('p', { class: 'hint' }, 'text', child)`. Names that begin with `on` are listeners.

export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? '' : value);
  }
  element.append(...children.filter((child) => child !== undefined && child !== null));
  return element;
}

export const byId = (id) => document.getElementById(id);

/** A table with a caption; `isWords` tells for a column whether it is text. */
export function makeTable(caption, heads, rows, isWords = () => false) {
  const cell = (name, text, column, more) => make(name, { ...more, class: isWords(column) ? 'words' : null }, text);
  return make('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption },
    make('table', {}, make('caption', {}, caption),
      make('thead', {}, make('tr', {}, ...heads.map((head, column) =>
        head instanceof Node ? head : cell('th', head, column, { scope: 'col' })))),
      make('tbody', {}, ...rows.map((row) => make('tr', {}, ...row.map((text, column) =>
        text instanceof Node && text.nodeName === 'TD' ? text : cell('td', text, column)))))));
}
