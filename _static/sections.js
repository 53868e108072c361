/* Which sections of `searchindex.js` hold a query, in which order, and where.

A query is a list of units: a word, or words that synonyms.tsv knows as one thing.  A unit has
ways to be said, each a phrase of terms (words.js), and a section holds it where one of them
stands in it.  Vietnamese writes a word as several syllables, so a syllable that no list knows as
a word counts only beside its neighbour in the query.  MiniSearch then ranks the sections, and
knows which words are spelt almost like one that no section has. */
function bookSections(index, language) {
  "use strict";
  const { synonyms, entries } = index;
  const { words, placed, joined, isSyllable } = searchWords;
  const BEGINNING = 4;  // letters from which on a word may be the beginning of one
  const EXACT = 1, SYNONYM = 0.25, BEGUN = 0.5;  // how much a hit counts
  const CLOSE = 4;  // parts of words
  const FIELDS = { title: 3, crumbs: 0.5, terms: 0.25, prose: 1, code: 0.3 };

  const engine = new MiniSearch({
    fields: Object.keys(FIELDS),
    tokenize: (text) => placed(text).flatMap((part) => part.terms.map(([term]) => term)),
    processTerm: (term) => term,
    searchOptions: { tokenize: (term) => [term] },
  });
  const sections = entries.map(section);

  /* A section's texts in one row, with a gap behind each; and `places`: where in that row each
  term stands, as [{at, end}]. */
  function section(entry, id) {
    const { page, number = "", crumbs, title } = entry;
    const ordinal = crumbs.length ? number.split(".").pop() : "";  // "exercise 2" is 1.3.2
    const isOwn = !entries.slice(0, id).some((one) => one.page === page && one.number === number);
    const numbers = `${number} ${ordinal}`;
    const texts = [...crumbs, ...(isOwn ? [] : [numbers])].map((text) => ({ kind: "crumbs", text }))
      .concat({ kind: "title", text: isOwn ? `${numbers} ${title}` : title },
      ...entry.parts.map(([tab, kind, text]) => ({ tab, kind, text })));
    const places = new Map();
    let from = 0;
    for (const text of texts) {
      Object.assign(text, { from, parts: placed(text.text) });
      text.parts.forEach(({ terms }, i) => terms.forEach(([term, length]) => {
        if (!places.has(term)) places.set(term, []);
        places.get(term).push({ at: from + i, end: from + i + length });
      }));
      text.end = from + text.parts.length;
      from = text.end + 1;
    }
    const fields = { terms: entry.terms || [] };
    for (const { kind, text } of texts) fields[kind] = [...(fields[kind] || []), text];
    engine.add({ id, ...Object.fromEntries(
      Object.entries(fields).map(([kind, texts]) => [kind, texts.join("\n")])) });
    return { id, entry, texts, places, path: texts.filter(({ kind }) => /title|crumbs/.test(kind)) };
  }

  /* {term: all names of the same thing}, for each name in synonyms.tsv. */
  const namesOf = new Map();
  for (const row of synonyms) {
    const names = row.map((name) => ({ name, parts: words(name).flat() }));
    for (const { parts } of names) {
      namesOf.set(joined(parts, "marked"), names);
      // One syllable without its marks may be any word.
      if (parts.length > 1) namesOf.set(joined(parts, "folded"), names);
    }
  }

  /* The units of a query: {text, ways: [{phrase, weight, name}], lone}. */
  function unitsOf(query) {
    const typed = words(query), units = [];
    while (typed.length) {
      const named = [6, 5, 4, 3, 2, 1].find((n) => namesOf.has(joined(typed.slice(0, n).flat())));
      const taken = typed.splice(0, Math.min(named || 1, typed.length));
      const parts = taken.flat(), names = namesOf.get(joined(parts)) || [];
      const text = query.slice(parts[0].start, parts[parts.length - 1].end);
      units.push({ text, isName: /[._]/.test(text), lone: language === "vi" && !named && isSyllable(parts),
        ways: [...asTyped(taken, text), ...names.flatMap((same) => asNamed(same, parts))] });
    }
    return units.map((unit) => ({ ...unit, lone: unit.lone && units.length > 1 }));
  }

  function asNamed({ name, parts }, typed) {
    const phrase = (form) => parts.map((part) => ({ term: joined([part], form) }));
    if (joined(parts, "folded") !== joined(typed, "folded"))
      return [{ name, weight: SYNONYM, phrase: phrase() }];
    // "cheatsheet" is "cheat sheet".
    return parts.length === typed.length ? [] : [{ weight: EXACT, phrase: phrase("folded") }];
  }

  function asTyped(taken, text) {
    const parts = taken.flat(), last = parts.length - 1;
    const apart = { weight: EXACT, phrase: parts.map((part, i) => term([part], i === last)) };
    if (taken.length > 1 || parts.length === 1) return [apart];
    const whole = { weight: EXACT, phrase: [term(parts, true)] };
    // A name of code is meant whole, if there is such a name.
    return /[._]/.test(text) && stands(whole) ? [whole] : [whole, apart];
  }

  /* What is looked for; `begun` tells that it may be the beginning of a word. */
  function term(parts, isLast) {
    const term = joined(parts);
    return { term, begun: isLast && term.length >= BEGINNING && !/^\d/.test(term)
      && !(language === "vi" && isSyllable(parts) && sections.some(({ places }) => places.has(term))) };
  }

  const stands = (way) => sections.some((section) => hits(section, way).length);

  /* Where a section says something in one way: [{at, end, weight, name, terms}]. */
  function hits({ places }, { phrase, weight, name }) {
    const [first, ...rest] = phrase.map((term) => standing(places, term));
    const runs = first.map((place) => ({ ...place, terms: [place.term] }));
    return rest.reduce((runs, next) => runs.flatMap((run) => (
      next.filter((place) => place.at === run.end).map((place) => ({ at: run.at, end: place.end,
        part: Math.min(run.part, place.part), terms: [...run.terms, place.term] })))), runs)
      .map((run) => ({ ...run, name, weight: weight * run.part }));
  }

  /* Where a term stands: [{at, end, term, part}], `part` is how much of a hit it is. */
  function standing(places, { term, begun }) {
    const as = (term, part) => (places.get(term) || []).map((place) => ({ ...place, term, part }));
    const longer = begun ? [...places.keys()].filter((word) => word !== term && word.startsWith(term))
      : [];
    const whole = as(term, 1), at = new Set(whole.map((place) => place.at));
    return [...whole, ...longer.flatMap((word) => as(word, BEGUN)).filter((place) => !at.has(place.at))];
  }

  /* Where a section holds each of the units; a lone syllable, where its neighbour in the query
  is no further than `reach` behind or, if that is more than a place, before it. */
  function held(section, units, reach) {
    const all = units.map((unit) => unit.ways.flatMap((way) => hits(section, way)));
    const follows = (one, next) => next.at >= one.end && next.at < one.end + reach;
    const near = (one, next) => follows(one, next) || reach > 1 && follows(next, one);
    return all.map((mine, i) => (units[i].lone ? mine.filter((hit) => (
      (all[i - 1] || []).some((before) => near(before, hit))
      || (all[i + 1] || []).some((after) => near(hit, after)))) : mine));
  }

  /* The sections whose hits are `enough`, best first: [{section, hits, score}]. */
  function ranked(units, enough, reach = 1) {
    const results = sections.map((section) => ({ section, hits: held(section, units, reach) }))
      .filter(({ hits }) => enough(hits.map((mine) => mine.length > 0)));
    const weights = new Map(results.map(({ section, hits }) => [section.id, weighed(hits.flat())]));
    const queries = [...new Set([...weights.values()].flatMap((terms) => [...terms.keys()]))];
    const code = units.every((unit) => unit.isName) ? 0.7 : FIELDS.code;
    const scores = new Map(engine.search({ combineWith: "OR", queries }, {
      boost: { ...FIELDS, code }, bm25: { k: 1.2, b: 0.1, d: 0.5 },
      boostDocument: (id, term) => weights.get(id)?.get(term) || 0,
    }).map(({ id, score }) => [id, score]));
    return results.map(({ section, hits }) => ({ section, hits,
      score: scores.get(section.id) * bonus(section, hits) }))
      .sort((a, b) => b.score - a.score || a.section.id - b.section.id);
  }

  /* {term: how much it counts}: those of a phrase count together as much as one. */
  function weighed(hits) {
    const weights = new Map();
    for (const { terms, weight } of hits)
      for (const term of terms)
        weights.set(term, Math.max(weight / terms.length, weights.get(term) || 0));
    return weights;
  }

  /* How much more a section counts that has more of the units, in its title and those above it,
  and one behind another. */
  function bonus({ path, entry }, hits) {
    const weights = path.map(({ from, parts }) => parts.map((_, i) => Math.max(0, ...hits.flat()
      .filter((hit) => hit.at <= from + i && from + i < hit.end).map((hit) => hit.weight))));
    const whole = path.map(({ parts }, i) => weights[i].filter((_, k) => (
      !/^[\d.]+$/.test(parts[k].folded)))).map((all) => (all.length ? Math.min(...all) : 0));
    const { end } = path[path.length - 1];
    const inPath = Math.min(...hits.map((mine) => Math.max(0, ...mine
      .filter((hit) => hit.end <= end).map((hit) => hit.weight))));
    return (1 + 2 * inPath) * 2 ** whole.reduce((a, b) => a + b)
      * (hits.length > 1 && together(hits).length ? 4 : 1)
      * (hits.filter((mine) => mine.length).length / hits.length) ** 2
      * (entry.number ? 1 : 0.7)
      * (entry.crumbs.length > 1 ? folded(weights[weights.length - 1]) : 1);
  }

  /* Hints and solutions stand behind an exercise, unless one asks for a solution: the one of
  exercise 2 is not exercise 2. */
  const folded = (title) => (title[0] ? 1.5 : title.some(Boolean) ? 0.1 : 0.8);

  /* Where all units stand one behind another, as they were typed: [{at, end}]. */
  function together([first, ...rest]) {
    const exact = (hit) => hit.weight === EXACT;
    return rest.reduce((runs, next) => runs.flatMap((run) => next.filter(exact)
      .filter((hit) => hit.at === run.end).map(({ end }) => ({ at: run.at, end }))),
    first.filter(exact));
  }

  /* Words of the book that are spelt almost like a unit, as ways to say it. */
  function alike({ text }) {
    const [word] = words(text), term = joined(word);
    // A syllable of Vietnamese is almost like many.
    if (!/^[a-z]{5,}$/.test(term) || language === "vi" && isSyllable(word)) return [];
    const results = engine.search(term, { fuzzy: term.length < 9 ? 1 : 2 });
    return [...new Set(results.flatMap((result) => result.terms))].map((name) => (
      { name, weight: EXACT, phrase: [{ term: name }] }));
  }

  /* {how, results, missing, instead}: `how` the results fit, best first, and for "near" what no
  section has and the words that stand in for it. */
  function search(query) {
    const units = unitsOf(query);
    const all = (has) => has.every(Boolean);
    const half = (has) => has.some(Boolean) && 2 * has.filter(Boolean).length >= has.length;
    let results = ranked(units, all);
    if (results.length) return { how: "many", results };
    const missing = units.filter((unit) => !unit.ways.some(stands));
    const mended = units.map((unit) => (missing.includes(unit) ? { ...unit, ways: alike(unit) } : unit));
    results = missing.length ? ranked(mended, all) : [];
    if (results.length) return { how: "near", results, missing: missing.map(({ text }) => text),
      instead: results.flatMap(({ hits }) => hits.filter((_, i) => missing.includes(units[i])))
        .flat().map(({ name }) => name) };
    results = ranked(units, all, CLOSE);
    if (results.length) return { how: "close", results };
    results = ranked(units, half);
    return { how: results.length ? "some" : "none", results };
  }

  return { search, together };
}
