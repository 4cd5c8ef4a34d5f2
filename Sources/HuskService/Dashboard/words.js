// The page's words, in the language that the address, an earlier choice or the browser asks for; one file each.

const languages = ['en', 'zh'];
let words = {};

export const language = chosen();

function chosen() {
  const asked = new URLSearchParams(location.search).get('lang');
  if (languages.includes(asked)) {
    remember(asked);
    return asked;
  }
  return remembered() ?? navigator.languages.map((tag) => tag.slice(0, 2)).find((tag) => languages.includes(tag)) ?? 'en';
}

// A browser may refuse to keep anything.
function remember(tag) {
  try { localStorage.setItem('language', tag); } catch { /* asked for anew next time */ }
}

function remembered() {
  try {
    const tag = localStorage.getItem('language');
    return languages.includes(tag) ? tag : undefined;
  } catch { return undefined; }
}

/** Fetches the words and puts them into the page: `data-words` is an element's text, `data-words-label` its label. */
export async function loadWords() {
  words = await (await fetch(`/ui/words.${language}.json`)).json();
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  for (const element of document.querySelectorAll('[data-words]')) element.textContent = say(element.dataset.words);
  for (const element of document.querySelectorAll('[data-words-label]')) {
    element.setAttribute('aria-label', say(element.dataset.wordsLabel));
  }
  for (const link of document.querySelectorAll('.languages a')) {
    if (link.lang === language) link.setAttribute('aria-current', 'true');
  }
}

/** Whether there are words of this name. */
export const hasWords = (name) => name in words;

/** The words of a name, with values in the place of `{names}`. */
export function say(name, values = {}) {
  return (words[name] ?? name).replace(/\{(\w+)\}/g, (all, key) => values[key] ?? all);
}
