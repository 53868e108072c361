/* The search page: one MiniSearch document per section of `searchindex.js`.

Marks are folded away on both sides, and a word that has marks is kept with them too, so that
"do thi" finds "đồ thị" and what is typed with marks comes first.  Vietnamese writes a term as
several syllables; so syllables that stand together count for more than scattered ones. */
(function () {
  "use strict";
  const { tabs, entries } = window.bookSearch;
  const input = document.getElementById("search-input");
  const status = document.getElementById("search-status");
  const list = document.getElementById("search-results");
  const say = JSON.parse(status.dataset.words);
  const SHOWN = 30;  // results
  const AROUND = 28;  // words of an excerpt

  const marked = (text) => text.normalize("NFC").toLowerCase();
  const folded = (text) => text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "")
    .replace(/đ/g, "d");
  // "C++" and "C#" are words of their own.
  const WORD = /[\p{L}\p{M}\p{N}]+(?:\+\+|#(?![\p{L}\p{N}]))?/gu;
  const tokens = (text) => [...text.matchAll(WORD)].map((match) => ({
    start: match.index, end: match.index + match[0].length,
    marked: marked(match[0]), folded: folded(match[0]) }));
  const words = (text) => tokens(text).map((token) => token.marked);
  // " a b c ": a phrase is found as whole words, or without its last blank as a beginning.
  const line = (text, form) => " " + tokens(text).map((token) => token[form] + " ").join("");

  const engine = new MiniSearch({
    fields: ["title", "crumbs", "prose", "code"],
    tokenize: words,
    processTerm: (word) => [...new Set([word, folded(word)])],
  });
  const documents = entries.map((entry, id) => {
    const all = (kind) => entry.parts.filter((part) => !kind || part[1] === kind)
      .map((part) => part[2]).join("\n");
    const crumbs = entry.crumbs.join(" ");
    return { id, title: entry.title, crumbs, prose: all("prose"), code: all("code"),
      lines: Object.fromEntries(["marked", "folded"].map((form) => [form, {
        text: line(entry.title + "\n" + all(), form), heading: line(entry.title, form),
        above: line(crumbs, form), path: line(crumbs + " " + entry.title, form) }])) };
  });
  engine.addAll(documents);

  /* Results, best first, and the word for how they were found. */
  function search(query) {
    const terms = words(query);
    const attempts = [["many", "AND", 0], ["near", "AND", 0.2], ["some", "OR", 0],
      ["near", "OR", 0.2]];
    for (const [how, combineWith, fuzzy] of attempts) {
      const found = engine.search({ combineWith, queries: terms.map((term, i) => ({
        combineWith: "OR",
        queries: [...new Set([term, folded(term)])],
        prefix: i === terms.length - 1 || term.length > 3,
        fuzzy: term.length >= 5 && fuzzy,
        boostTerm: (word) => (word === term ? 1 : 0.1),  // without the marks that were typed
      })) }, { processTerm: (word) => word, boost: { title: 3, crumbs: 0.5, code: 0.3 },
      bm25: { k: 1.2, b: 0.1, d: 0.5 } });
      if (found.length) return { how, found: ranked(found, query) };
    }
    return { how: "none", found: [] };
  }

  function ranked(found, query) {
    const phrase = { marked: line(query, "marked"), folded: line(query, "folded") };
    // What is typed without marks may stand for any; what has them means these first.
    const form = phrase.marked === phrase.folded ? "folded" : "marked";
    for (const result of found) {
      const { lines } = documents[result.id];
      result.score *= Math.max(together(lines[form], phrase[form]),
        Math.sqrt(together(lines.folded, phrase.folded.trimEnd())));
    }
    return found.sort((a, b) => b.score - a.score || a.id - b.id);
  }

  /* How much more a section counts in which the words stand together. */
  function together({ heading, path, above, text }, phrase) {
    const named = heading === phrase ? 4 : path.includes(phrase) && !above.includes(phrase) ? 2 : 1;
    return named * (text.includes(phrase) ? 4 : 1);
  }

  /* The place in `text` that shows most of the query: {score, start, end, hits}. */
  function best(text, result, query) {
    const all = tokens(text);
    const hit = new Set(result.terms);
    const hits = all.map((token) => hit.has(token.marked) || hit.has(token.folded));
    const asked = tokens(query);
    const follow = (form, i) => asked.every((word, k) => (all[i + k] || {})[form] === word[form]);
    let place = { score: 0, at: 0 };
    hits.forEach((isHit, i) => {
      if (!isHit) return;
      const near = new Set();
      for (let k = i; k < Math.min(i + AROUND - 8, all.length); k++)
        if (hits[k]) near.add(all[k].folded);
      const score = near.size + (follow("folded", i) ? 10 : 0) + (follow("marked", i) ? 5 : 0);
      if (score > place.score) place = { score, at: i };
    });
    const from = Math.max(0, place.at - 8);
    return { text, score: place.score, first: from === 0, tokens: all.slice(from, from + AROUND),
      last: from + AROUND >= all.length, hits: hits.slice(from, from + AROUND) };
  }

  /* The excerpt, and the tab that a reader must see to find it there. */
  function excerpt(entry, result, query) {
    const places = entry.parts.map(([tab, kind, text]) => (
      { tab, kind, ...best(text, result, query) }));
    const title = { tab: entry.tab || "", ...best(entry.title, result, query) };
    const top = Math.max(title.score, ...places.map((place) => place.score));
    const holders = new Set([title, ...places].filter((p) => p.score === top).map((p) => p.tab));
    const value = (place) => place.score + (place.kind === "prose" ? 0.5 : 0);
    const shown = places.reduce((a, b) => (value(b) > value(a) ? b : a), places[0] || title);
    return { shown, tab: entry.tab || (holders.size === 1 ? [...holders][0] : "") };
  }

  function element(name, parent, text, className) {
    const made = document.createElement(name);
    if (text) made.textContent = text;
    if (className) made.className = className;
    return parent.appendChild(made);
  }

  function show(result, query) {
    const entry = entries[result.id];
    const { shown, tab } = excerpt(entry, result, query);
    const item = element("li", list);
    const link = element("a", element("h2", item), entry.title);
    // A result that is hidden until it is guessed (learn.js) is not, for whoever looked for it.
    link.href = entry.page + (tab ? "?tab=" + tab + "&found" : "?found") + "#" + entry.anchor;
    const crumbs = tab ? [...entry.crumbs, tabs[tab]] : entry.crumbs;
    if (crumbs.length) element("p", item, crumbs.join(" › "), "crumbs");
    if (!shown.tokens.length) return;
    const text = element("p", item, shown.first ? "" : "… ");
    let done = shown.first ? 0 : shown.tokens[0].start;
    shown.tokens.forEach((token, i) => {
      if (!shown.hits[i]) return;
      text.append(shown.text.slice(done, token.start));
      element("mark", text, shown.text.slice(token.start, token.end));
      done = token.end;
    });
    const end = shown.last ? shown.text.length : shown.tokens[shown.tokens.length - 1].end;
    text.append(shown.text.slice(done, end) + (shown.last ? "" : " …"));
  }

  function run() {
    const query = input.value;
    const { how, found } = words(query).length ? search(query) : { how: "empty", found: [] };
    const key = how !== "many" ? how : found.length === 1 ? "one" : found.length > SHOWN ? "first"
      : "many";
    const values = { query: query.trim(), count: found.length, shown: SHOWN };
    status.textContent = say[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
    list.replaceChildren();
    found.slice(0, SHOWN).forEach((result) => show(result, query));
    const address = new URL(location.href);
    address.search = query ? "?" + new URLSearchParams({ q: query }) : "";
    history.replaceState(null, "", address);
  }

  let timer = 0;
  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(run, 150); });
  input.form.addEventListener("submit", (event) => { event.preventDefault(); run(); });
  input.value = new URLSearchParams(location.search).get("q") || "";
  if (!input.value) input.focus();
  run();
})();
