"use strict";
// A training step to touch: a task's box in the graph and its bars in the timeline, drawn by
// evidence/step.py, are chosen together. Without this script both are still pictures.

document.querySelectorAll(".step").forEach(box => {
  const { names, needs, order, starts, say } = JSON.parse(box.dataset.step);
  const [graph, time] = box.querySelectorAll("svg"), scroll = time.parentNode;
  const boxes = names.map((_, number) => graph.querySelector(`.task.t${number}`));
  let chosen = null, zoom = 1;

  function element(name, attributes, ...children) {
    const node = document.createElement(name);
    Object.assign(node, attributes);
    node.append(...children);
    return node;
  }

  const said = element("p", { className: "step-said", ariaLive: "polite" }, say.hint);
  const button = (text, action, title = "") => {
    const node = element("button", { type: "button", title, ariaLabel: title || null }, text);
    node.addEventListener("click", action);
    return node;
  };
  const controls = element("div", { className: "step-controls" },
    button(say.previous, () => go(-1)), button(say.next, () => go(1)),
    button("+", () => enlarge(2), say.closer), button("−", () => enlarge(1 / 2), say.wider));
  box.append(said, controls);

  const numberOf = node => {
    const task = node.closest?.(".task");
    return task && box.contains(task) ? Number(/\bt(\d+)/.exec(task.getAttribute("class"))[1]) : null;
  };

  function choose(number, focus = false) {
    chosen = number;
    box.classList.toggle("has-chosen", number !== null);
    for (const part of box.querySelectorAll(".task, .arrow")) {
      const [, from, to] = (part.getAttribute("class").match(/(?:f(\d+) )?t(\d+)/) || []).map(Number);
      const isArrow = part.classList.contains("arrow");
      part.classList.toggle("is-chosen", !isArrow && to === number);
      part.classList.toggle("is-need", number !== null && (isArrow ? to === number && needs[to].includes(from) : needs[number].includes(to)));
      part.classList.toggle("is-next", number !== null && (isArrow ? from === number && needs[to].includes(from) : needs[to].includes(number)));
    }
    boxes.forEach((each, i) => {
      each.setAttribute("aria-pressed", i === number);
      each.setAttribute("tabindex", i === (number ?? order[0] ?? 0) ? 0 : -1);
    });
    said.textContent = number === null ? say.hint : boxes[number].querySelector("title").textContent;
    if (focus) boxes[number].focus();
    name();
    bringIntoView();
  }

  // The task before or after the chosen one, by when they began.
  function go(way, focus) {
    const at = order.indexOf(chosen);
    choose(order[at < 0 ? (way > 0 ? 0 : order.length - 1) : Math.max(0, Math.min(order.length - 1, at + way))], focus);
  }

  function bringIntoView() {
    if (chosen in starts) scroll.scrollLeft = starts[chosen] * time.clientWidth - scroll.clientWidth / 3;
  }

  function enlarge(factor) {
    zoom = Math.max(1, Math.min(32, zoom * factor));
    time.style.width = `${100 * zoom}%`;
    if (zoom > 1) scroll.setAttribute("tabindex", "0"); // what scrolls must be in reach of keys
    else scroll.removeAttribute("tabindex");
    name();
    bringIntoView();
  }

  // A task's name stands over its bars where others leave room; that of the chosen one is first.
  function name() {
    const taken = {}, width = time.clientWidth;
    if (!width) return; // in a tab that is closed
    const runs = [...time.querySelectorAll(".task")].sort((a, b) => b.classList.contains("is-chosen") - a.classList.contains("is-chosen"));
    for (const run of runs) {
      const text = run.querySelector("text"), bars = [...run.querySelectorAll("rect")].map(bar => bar.getBBox());
      const row = taken[text.getAttribute("y")] ??= [], length = text.getComputedTextLength();
      const start = bars[0].x, end = Math.max(start + 7, ...bars.map(bar => bar.x + bar.width));
      let left = Math.min(start, width - length);
      for (const [from, to] of row.sort((a, b) => a[0] - b[0])) if (left < to && from < left + length) left = to;
      const fits = left <= end && left + length <= width;
      text.setAttribute("x", `${100 * left / width}%`);
      text.setAttribute("visibility", fits ? "visible" : "hidden");
      if (fits) row.push([left - 4, left + length + 4]);
    }
  }
  // A lane's name stays in view.
  scroll.addEventListener("scroll", () => time.querySelectorAll(".lane").forEach(text => text.setAttribute("x", scroll.scrollLeft)));
  new ResizeObserver(name).observe(scroll); // also when its tab is opened

  box.addEventListener("click", event => {
    const number = numberOf(event.target);
    if (number !== null) choose(number);
    else if (event.target.closest("svg")) choose(null);
  });
  graph.addEventListener("focusin", event => { if (numberOf(event.target) !== chosen) choose(numberOf(event.target)); });
  graph.addEventListener("keydown", event => {
    const ways = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -names.length, End: names.length };
    if (event.key === "Escape") choose(null);
    else if (event.key in ways) go(ways[event.key], true);
    else return;
    event.preventDefault();
  });

  graph.setAttribute("role", "group");
  boxes.forEach((each, number) => { each.setAttribute("role", "button"); each.setAttribute("aria-label", names[number]); });
  scroll.setAttribute("role", "group");
  scroll.setAttribute("aria-label", say.timeline);
  choose(null);
});
