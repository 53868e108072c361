/* What a reader does on a page (book/learn): guesses before a result is shown, ticks exercises,
   asks what a term means. All of it is remembered in this browser alone, in localStorage. */
(function () {
  "use strict";
  const say = JSON.parse(document.currentScript.dataset.words);
  const HIDDEN = "[hidden='until-found']"; // the browser's own search looks into these
  const OURS = { autocomplete: "off" }; // what is ticked is what we remember, not the browser
  const every = (selector, from = document) => [...from.querySelectorAll(selector)];

  function element(name, attributes, ...children) {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.append(...children);
    return node;
  }

  const reveal = new Map(); // {hidden element: what shows it}

  /** Whether right before `node`, in its panel or section, one of `results` ends. */
  function follows(node, results) {
    while (!node.previousElementSibling && !node.parentElement.matches("[role=tabpanel], section")) {
      node = node.parentElement;
    }
    let before = node.previousElementSibling;
    while (before && !results.includes(before)) before = before.lastElementChild;
    return Boolean(before);
  }

  /** Make a form of a question and its list of answers, and hide the results until it is sent. */
  function ask(box) {
    const [question, list] = box.children;
    const answers = [...list.children];
    const results = every(`.of-${CSS.escape(box.id)}`);
    const radios = answers.map((_, number) => element("input", {
      type: "radio", name: box.id, value: number, ...OURS }));
    const reply = element("div", { role: "status" });
    const button = element("button", { type: "button" });
    const veils = results.filter((result) => !follows(result, results)).map((result) => {
      const veil = element("button", { type: "button", class: "guess-veil" }, say.result);
      veil.addEventListener("click", () => {
        show();
        result.tabIndex = -1;
        result.focus({ preventScroll: true });
      });
      result.before(veil);
      return veil;
    });
    let open;

    function toggle(opened) {
      open = opened;
      for (const result of results) {
        if (open) result.removeAttribute("hidden");
        else result.setAttribute("hidden", "until-found");
      }
      for (const veil of veils) veil.hidden = open;
      button.textContent = open ? say.again : say.result;
    }

    function show() {
      toggle(true);
      const chosen = radios.findIndex((radio) => radio.checked);
      const [, ...words] = chosen < 0 ? [] : answers[chosen].cloneNode(true).children;
      reply.replaceChildren(...words);
      localStorage.setItem(box.id, chosen);
    }

    function hide() {
      toggle(false);
      reply.replaceChildren();
      for (const radio of radios) radio.checked = false;
      localStorage.removeItem(box.id);
    }

    const form = element("div", {},
      element("fieldset", {}, element("legend", {}, ...question.childNodes),
        ...radios.map((radio, number) => element("label", {}, radio, element("span", {},
          ...answers[number].firstElementChild.cloneNode(true).childNodes)))),
      button, reply);
    // Arrow keys choose as they go along: there, an answer is given by Enter or the button.
    let byKey = false;
    form.addEventListener("keydown", ({ key, target }) => {
      byKey = true;
      if (key === "Enter" && target.type === "radio") show();
    });
    form.addEventListener("pointerdown", () => { byKey = false; });
    form.addEventListener("change", () => { if (open || !byKey) show(); });
    button.addEventListener("click", () => (open ? hide() : show()));
    question.replaceWith(form);
    list.hidden = true; // print.css shows it
    for (const result of results) {
      reveal.set(result, show);
      result.addEventListener("beforematch", show);
    }
    const before = localStorage.getItem(box.id);
    if (before === null) return toggle(false);
    if (radios[before]) radios[before].checked = true;
    show();
  }

  /** Show what a link leads to or into; a search's, all results of the section. */
  function openTarget() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    const found = new URLSearchParams(location.search).has("found");
    const section = target.closest("section");
    const hidden = [target.closest(HIDDEN), ...(found && section ? every(HIDDEN, section) : [])];
    for (const result of hidden) if (result) reveal.get(result)();
    if (hidden.some(Boolean)) target.scrollIntoView();
  }

  /** A box to tick under an exercise's heading, and its mark in the page's contents. */
  function tick(section) {
    const link = document.querySelector(`.toc-tree a[href="#${CSS.escape(section.id)}"]`);
    const box = element("input", { type: "checkbox", ...OURS,
      "aria-label": link ? `${say.done}: ${link.textContent}` : say.done });
    const mark = element("span", { class: "done", role: "img", "aria-label": say.done }, "✓");
    const key = `done-${section.id}`;
    const update = () => (box.checked && link ? link.append(" ", mark) : mark.remove());
    box.checked = localStorage.getItem(key) !== null;
    box.addEventListener("change", () => {
      if (box.checked) localStorage.setItem(key, "");
      else localStorage.removeItem(key);
      update();
    });
    update();
    every(":scope > :is(h2, h3)", section)[0].after(
      element("p", { class: "exercise-done" }, element("label", {}, box, " ", say.done)));
  }

  let openNote = null, placeNote = () => {};
  function closeNote() {
    if (openNote) openNote.hidden = true;
    openNote = null;
  }

  /** A term's meaning, for whoever points to it, focuses it or touches it. */
  function explain(term, number) {
    const { meaning, say: other, word, language } = term.dataset;
    const note = element("span", { class: "gloss-note", role: "tooltip", id: `gloss-${number}` },
      `${meaning} `, element("span", { class: "gloss-word" }, `${other} `,
        element("i", { lang: language }, word)));
    note.hidden = true;
    term.closest("article").append(note); // not amid the sentence: that is searched and copied
    term.tabIndex = 0;
    term.setAttribute("role", "button");
    term.setAttribute("aria-describedby", note.id);

    function place() {
      const [first] = term.getClientRects(), { clientWidth, clientHeight } = document.documentElement;
      const right = clientWidth - note.offsetWidth - 8;
      const below = first.bottom + note.offsetHeight <= clientHeight;
      note.style.left = `${Math.max(8, Math.min(first.left, right))}px`;
      note.style.top = `${below ? first.bottom : first.top - note.offsetHeight}px`;
    }

    function show() {
      if (openNote !== note) closeNote();
      openNote = note;
      placeNote = place;
      note.hidden = false;
      place();
    }
    for (const event of ["mouseenter", "focus", "click"]) term.addEventListener(event, show);
    term.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      show();
    });
    term.addEventListener("blur", closeNote);
    for (const part of [term, note]) {
      part.addEventListener("mouseleave", ({ relatedTarget }) => {
        if (relatedTarget !== term && relatedTarget !== note) closeNote();
      });
    }
  }

  every(".guess").forEach(ask);
  every("section.exercise").forEach(tick);
  every(".gloss").forEach(explain);
  openTarget();
  addEventListener("hashchange", openTarget);
  addEventListener("scroll", () => { if (openNote) placeNote(); }, { passive: true });
  addEventListener("keydown", (event) => { if (event.key === "Escape") closeNote(); });
  addEventListener("pointerdown", ({ target }) => {
    if (!target.closest(".gloss, .gloss-note")) closeNote();
  });
})();
