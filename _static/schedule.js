"use strict";
// What to play with on a page. First, a model of an experiment: simulate() and the experiments are
// those of book/schedule/model.py, and a test runs both on the same jobs. Times are in seconds.

const schedule = {
  // When each job runs: it waits for its queues, its needs, a slot and the host.
  simulate(jobs, slots) {
    const runs = [], byName = {}, last = {}, dealt = [];
    let host = null;
    jobs.forEach((job, number) => {
      const before = [host, ...(job.needs || []).map(name => byName[name]), ...job.queues.map(queue => last[queue] ?? null)];
      if (job.slot && slots) {
        before.push(dealt.length >= slots ? dealt[dealt.length - slots] : null);
        dealt.push(number);
      }
      let start = 0, because = null;
      for (const index of before)
        if (index !== null && runs[index].end > start) [start, because] = [runs[index].end, index];
      runs.push({ start, end: start + job.seconds, because });
      byName[job.name] = number;
      for (const queue of job.queues) last[queue] = number;
      if (job.wait) host = schedule.latest(runs);
    });
    return runs;
  },

  // The index of the run that ends last, the first of those that do.
  latest: runs => runs.reduce((best, run, index) => run.end > runs[best].end ? index : best, 0),

  // The chain of runs, each let start by the one before, that ends last: their indices.
  critical(runs) {
    const chain = [];
    for (let index = runs.length ? schedule.latest(runs) : null; index !== null; index = runs[index].because) chain.push(index);
    return chain.reverse();
  },

  experiments: {
    "two-devices": ({ n, wait, ...times }) => ["first", "second"].flatMap(device => Array.from({ length: n }, (_, i) => ({
      name: `${device} ${i + 1}`, queues: [device], seconds: times[device] / n, kind: "compute", slot: true,
      wait: wait === "call" || wait === "between" && device === "first" && i + 1 === n }))),

    "run-and-copy": ({ n, wait, streams, first, second }) => {
      const products = Array.from({ length: n }, (_, i) => ({
        name: `first ${i + 1}`, queues: ["first"], seconds: first / n, kind: "compute",
        wait: wait === "call" || wait === "between" && i + 1 === n }));
      const copies = products.map((product, i) => ({
        name: `second ${i + 1}`, queues: [streams > 1 ? "second" : "first"], seconds: second / n,
        needs: [product.name], kind: "copy", wait: wait === "call" }));
      return wait === "between" ? [...products, ...copies] : products.flatMap((product, i) => [product, copies[i]]);
    },

    mlp: ({ n, wait, tasks, ...times }) => Array.from({ length: n }, (_, i) => tasks.map((task, place) => ({
      name: `${task.name}, ${i + 1}`, queues: [task.lane], seconds: times[task.symbol], kind: task.kind, label: task.symbol,
      needs: [...task.needs.map(need => `${need}, ${i + 1}`), ...(i ? task.before.map(need => `${need}, ${i}`) : [])],
      wait: wait === "call" || wait === "between" && place + 1 === tasks.length }))).flat(),
  },

  // What no schedule can beat: the longer part; of a graph its longest path or a queue's work.
  limit(values, jobs) {
    if ("first" in values) return Math.max(values.first, values.second);
    const free = schedule.simulate(jobs.map(job => ({ ...job, queues: [], wait: false })), 0), work = {};
    for (const job of jobs) for (const queue of job.queues) work[queue] = (work[queue] || 0) + job.seconds;
    return Math.max(free[schedule.latest(free)].end, ...Object.values(work));
  },

  ratios(values, jobs, runs) {
    const end = runs[schedule.latest(runs)].end;
    return [jobs.reduce((sum, job) => sum + job.seconds, 0) / end, schedule.limit(values, jobs) / end];
  },
};

// A slider's first and last value; all others are times.
const COUNTS = { n: [1, 40], slots: [0, 64], streams: [1, 2] };
const LANE = 18, GAP = 20, LETTER = 8; // as in book/schedule/drawing.py

const percent = share => `${(100 * share).toFixed(2)}%`;

function element(name, attributes, ...children) {
  const node = document.createElement(name);
  Object.assign(node, attributes);
  node.append(...children);
  return node;
}

document.querySelectorAll(".schedule").forEach((box, place) => {
  const { experiment, values: measured, lanes, say, controls, most, decimal } = JSON.parse(box.dataset.schedule);
  const picture = box.querySelector(".schedule-picture"), result = box.querySelector(".schedule-result");
  const svg = picture.querySelector("svg"), rows = Object.keys(lanes), current = box.querySelector(".current");
  const longest = 1000 * Math.max(...controls.filter(name => !(name in COUNTS)).map(name => measured[name]));
  const fine = 10 ** Math.floor(Math.log10(longest) - 2), digits = Math.max(0, -Math.log10(fine)); // of sliders of times
  let values = { ...measured };
  const number = (value, digits) => value.toFixed(digits).replace(".", decimal);
  result.setAttribute("aria-live", "polite");

  function draw() {
    const jobs = schedule.experiments[experiment](values), runs = schedule.simulate(jobs, values.slots);
    const end = runs[schedule.latest(runs)].end, outlined = new Set(schedule.critical(runs));
    const [speedup, efficiency] = schedule.ratios(values, jobs, runs);
    result.textContent = say.result.replace("{end}", number(1000 * end, 1)).replace("{speedup}", number(speedup, 2))
      .replace("{efficiency}", number(efficiency, 2)).replace("{limit}", say.limit);
    svg.querySelectorAll("rect, .label").forEach(part => part.remove());
    const add = (name, attributes, text = "") => {
      const part = document.createElementNS(svg.namespaceURI, name);
      for (const [attribute, value] of Object.entries(attributes)) part.setAttribute(attribute, value);
      part.textContent = text;
      svg.append(part);
    };
    jobs.forEach((job, index) => {
      const start = runs[index].start / end, width = job.seconds / end, y = rows.indexOf(job.queues[0]) * (LANE + GAP) + GAP;
      add("rect", { class: job.kind + (outlined.has(index) ? " critical" : ""), x: percent(start), width: percent(width), y, height: LANE });
      if (job.label && LETTER * job.label.length <= width * svg.clientWidth)
        add("text", { class: "label", x: percent(start + width / 2), y: y + 13, "text-anchor": "middle" }, job.label);
    });
    for (const side of current ? ["x1", "x2"] : []) current.setAttribute(side, percent(Math.min(1, speedup / most)));
    svg.querySelector("title").textContent = result.textContent;
  }

  const inputs = {};
  const form = element("form", { className: "schedule-controls" });
  form.addEventListener("submit", event => event.preventDefault());
  for (const name of controls) {
    const isTime = !(name in COUNTS), scale = isTime ? 1000 : 1, step = isTime ? fine : 1;
    const [min, max] = COUNTS[name] || [fine, 2 * longest];
    const id = `schedule-${place}-${form.children.length}`;
    const input = element("input", { type: "range", id, min, step, max: Math.ceil(max / step) * step });
    const output = element("output", { htmlFor: id });
    const show = () => { output.value = number(scale * values[name], isTime ? digits : 0); };
    input.addEventListener("input", () => { values[name] = Number(input.value) / scale; show(); draw(); });
    inputs[name] = () => { input.value = scale * values[name]; show(); };
    form.append(element("label", { htmlFor: id }, say[name]), input, output);
  }
  const id = `schedule-${place}-wait`;
  const choice = element("select", { id }, ...["end", "between", "call"].map(value => element("option", { value }, say[value])));
  choice.addEventListener("change", () => { values.wait = choice.value; draw(); });
  inputs.wait = () => { choice.value = values.wait; };
  const again = element("button", { type: "button" }, say.again);
  const reset = () => { values = { ...measured }; Object.values(inputs).forEach(update => update()); draw(); };
  again.addEventListener("click", reset);
  form.append(element("label", { htmlFor: id }, say.wait), choice, again);
  box.append(form);
  reset();
  new ResizeObserver(draw).observe(picture); // also when its tab is opened
});

// A training step to touch: a task's box in the graph and its bars in the timeline, drawn by
// evidence/step.py, are chosen together.
document.querySelectorAll(".step").forEach(box => {
  const { names, needs, order, starts, say } = JSON.parse(box.dataset.step);
  const [graph, time] = box.querySelectorAll("svg"), scroll = time.parentNode;
  const boxes = names.map((_, number) => graph.querySelector(`.task.t${number}`));
  let chosen = null, zoom = 1;

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
