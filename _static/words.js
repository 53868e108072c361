/* What a word is for the search, and the terms under which it is kept and looked up.

A term is a word in lower case and in the singular.  With marks its tone comes first, so that
"hóa" and "hoá" are one term and what is typed of a word begins it; a second term has no marks.
A word with parts ("copy_to_cpu", "torch.cuda.Stream", "speed-up") is kept by each part, and from
each part on to its end as one term without joints, so that "speedup" is "speed-up". */
const searchWords = (function () {
  "use strict";
  // "2.00" is one word and no 2; "C++" and "C#" are words of their own.
  const WORD = new RegExp(String.raw`\d+(?:[.,]\d+)*(?![\p{L}\p{M}\p{N}_])` +
    String.raw`|[\p{L}\p{M}\p{N}]+(?:(?:_+|[.\-\u2010\u2011])[\p{L}\p{M}\p{N}]+)*` +
    String.raw`(?:\+\+|#(?![\p{L}\p{N}])|['’]s(?![\p{L}\p{N}_]))?`, "gu");
  const PART = /[\p{L}\p{M}\p{N}]+(?:\+\+|#)?/gu;
  const HUMPS = /^(?:\p{Lu}\p{Ll}{2,}){2,}$/u;  // ThreadPoolExecutor, but not PyTorch
  const NUMBER = /^\d+(?:[.,]\d+)*$/;
  const TONES = /[\u0300\u0301\u0303\u0309\u0323]/g;
  const SYLLABLE = new RegExp("^(?:[bcdghklmnpqrstvx]|ch|gh|gi|kh|ng|ngh|nh|ph|qu|th|tr)?" +
    "[aeiouy]{1,3}(?:[cmnpt]|ch|ng|nh)?$");

  const folded = (text) => text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "")
    .replace(/đ/g, "d");
  function marked(text) {
    const apart = text.toLowerCase().normalize("NFKD");
    return (apart.match(TONES) || []).join("") + apart.replace(TONES, "").normalize("NFC");
  }
  /* Of an English plural; no Vietnamese word ends in s. */
  const singular = (term) => (/^\p{L}{3,}s$/u.test(term) && !/(?:[is]|[^p]u)s$/.test(term)
    ? term.replace(/(..)ies$/, "$1y").replace(/sses$/, "sss").replace(/s$/, "") : term);

  /* The parts of one word: {start, end, marked, folded}. */
  function parts(word, start) {
    if (NUMBER.test(word)) return [part(word, start)];
    return [...word.replace(/['’]s$/, "").matchAll(PART)].flatMap((match) => (HUMPS.test(match[0])
      ? [...match[0].matchAll(/\p{Lu}\p{Ll}+/gu)].map((hump) => (
        part(hump[0], start + match.index + hump.index)))
      : [part(match[0], start + match.index)]));
  }
  const part = (text, start) => ({ start, end: start + text.length,
    marked: singular(marked(text)), folded: singular(folded(text)) });

  /* The words of a text, each a list of parts. */
  const words = (text) => [...text.matchAll(WORD)].map((match) => parts(match[0], match.index));

  /* Several parts as one term: with marks, if any of them has marks and `form` does not say. */
  function joined(word, form = hasMarks(word) ? "marked" : "folded") {
    return word.map((part) => part[form]).join("");
  }
  const hasMarks = (word) => word.some((part) => part.marked !== part.folded);

  /* All parts of a text in a row, each with `terms`: [term, number of parts that it stands for]. */
  const placed = (text) => words(text).flatMap((word) => word.map((part, i) => {
    const rest = word.slice(i);
    return { ...part, terms: [...new Map([[part.marked, 1], [part.folded, 1],
      ...(rest.length > 1 ? ["marked", "folded"].map((form) => [joined(rest, form), rest.length])
        : [])])] };
  }));

  const isSyllable = (word) => word.length === 1 && SYLLABLE.test(word[0].folded);
  return { words, placed, joined, hasMarks, isSyllable };
})();
