/* The search page: what is typed, the sections that hold it (sections.js), an excerpt of each. */
(function () {
  "use strict";
  const { words } = searchWords;
  const { search, together } = bookSections(window.bookSearch, document.documentElement.lang);
  const input = document.getElementById("search-input");
  const status = document.getElementById("search-status");
  const list = document.getElementById("search-results");
  const say = JSON.parse(status.dataset.words);
  const MOST = 30;  // results
  const AROUND = 28, BEFORE = 8;  // parts of words in an excerpt, and of them before the hit

  /* The place in a text that shows most of the query: {score, parts, marks, isFirst, isLast}. */
  function best(text, hits) {
    const inside = hits.map((mine) => mine.filter((hit) => hit.at >= text.from && hit.end <= text.end));
    const runs = new Set(together(inside).map((run) => run.at));
    let score = 0, place = text.from;
    for (const { at } of inside.flat().sort((a, b) => a.at - b.at)) {
      const near = (hit) => hit.at >= at && hit.end <= at + AROUND - BEFORE;
      const here = (runs.has(at) ? 10 : 0) + inside.map((mine) => (
        Math.max(0, ...mine.filter(near).map((hit) => hit.weight)))).reduce((a, b) => a + b);
      if (here > score) [score, place] = [here, at];
    }
    const from = Math.max(text.from, place - BEFORE), end = Math.min(text.end, from + AROUND);
    const marks = inside.flat().filter((hit) => hit.at >= from && hit.end <= end)
      .map((hit) => [hit.at - text.from, hit.end - text.from]);
    return { ...text, score, marks: apart(marks), isFirst: from === text.from, isLast: end === text.end,
      begins: from - text.from, ends: end - text.from };
  }

  /* Ranges in their order, those that overlap as one. */
  function apart(ranges) {
    const results = [];
    for (const [at, end] of ranges.sort((a, b) => a[0] - b[0])) {
      const last = results[results.length - 1];
      if (last && at < last[1]) last[1] = Math.max(last[1], end);
      else results.push([at, end]);
    }
    return results;
  }

  /* The excerpt, and the tab that a reader must see to find it there. */
  function excerpt({ section, hits }) {
    const places = section.texts.filter((text) => text.kind !== "crumbs")
      .map((text) => best(text, hits));
    const top = Math.max(...places.map((place) => place.score));
    const holders = [...new Set(places.filter((place) => place.score === top)
      .map((place) => place.tab || ""))];
    const value = (place) => place.score + (place.kind === "prose" ? 0.5 : 0);
    const texts = places.filter((place) => place.kind !== "title");
    return { tab: section.entry.tab || (holders.length === 1 ? holders[0] : ""),
      place: texts.length && texts.reduce((a, b) => (value(b) > value(a) ? b : a)) };
  }

  function element(name, parent, text, className) {
    const node = document.createElement(name);
    if (text) node.textContent = text;
    if (className) node.className = className;
    return parent.appendChild(node);
  }

  function show(result) {
    const { number, title, page, anchor, crumbs } = result.section.entry;
    const { place, tab } = excerpt(result);
    const item = element("li", list);
    const link = element("a", element("h2", item), number ? `${number} ${title}` : title);
    link.href = page + (tab ? "?tab=" + tab : "") + "#" + anchor;
    const above = tab ? [...crumbs, window.bookSearch.tabs[tab]] : crumbs;
    if (above.length) element("p", item, above.join(" › "), "crumbs");
    if (!place || !place.parts.length) return;
    const { text, parts, marks, isFirst, isLast, begins, ends } = place;
    const paragraph = element("p", item, isFirst ? "" : "… ");
    let done = isFirst ? 0 : parts[begins].start;
    for (const [at, end] of marks) {
      paragraph.append(text.slice(done, parts[at].start));
      done = parts[end - 1].end;
      element("mark", paragraph, text.slice(parts[at].start, done));
    }
    paragraph.append(text.slice(done, isLast ? text.length : parts[ends - 1].end)
      + (isLast ? "" : " …"));
  }

  /* What the page says of a search. */
  function sentence(query, { how, results, missing = [], instead = [] }) {
    const quoted = (names) => [...new Set(names)].map((name) => say.quote.replace("{}", () => name))
      .join(", ");
    const names = how === "near" ? [] : results.flatMap(({ hits }) => hits.flat())
      .map((hit) => hit.name).filter(Boolean);
    const key = how !== "many" ? how : results.length === 1 ? "one"
      : results.length > MOST ? "first" : "many";
    const values = { query: query.trim(), count: results.length, most: MOST, names: quoted(names),
      missing: quoted(missing), instead: quoted(instead) };
    return [say[key], ...(names.length ? [say.also] : [])].join(" ")
      .replace(/\{(\w+)\}/g, (_, name) => values[name]);
  }

  function run() {
    const query = input.value;
    const result = words(query).length ? search(query) : { how: "empty", results: [] };
    status.textContent = sentence(query, result);
    list.replaceChildren();
    result.results.slice(0, MOST).forEach(show);
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
