"use strict";
// A model of an experiment to play with. simulate() and the experiments are those of
// book/schedule/model.py: a test runs both on the same jobs. Times are in seconds.

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
  },

  ratios(values, runs) {
    const { first, second } = values, end = runs[schedule.latest(runs)].end;
    return [(first + second) / end, Math.max(first, second) / end];
  },
};

// The controls of each experiment: a slider's first and last value and its step.
const SLIDERS = { first: [1, 400, 1], second: [1, 400, 1], n: [1, 40, 1], slots: [0, 64, 1], streams: [1, 2, 1] };
const CONTROLS = { "two-devices": ["first", "second", "n", "slots"], "run-and-copy": ["first", "second", "n", "streams"] };
const LANE = 18, GAP = 20; // as in book/schedule/directive.py

function element(name, attributes, ...children) {
  const node = document.createElement(name);
  Object.assign(node, attributes);
  node.append(...children);
  return node;
}

document.querySelectorAll(".schedule").forEach((box, place) => {
  const { experiment, values: measured, lanes, say, decimal } = JSON.parse(box.dataset.schedule);
  const picture = box.querySelector(".schedule-picture"), result = box.querySelector(".schedule-result");
  let values = { ...measured };
  const number = (value, digits) => value.toFixed(digits).replace(".", decimal);
  result.setAttribute("aria-live", "polite");

  function draw() {
    const jobs = schedule.experiments[experiment](values), runs = schedule.simulate(jobs, values.slots);
    const end = runs[schedule.latest(runs)].end, outlined = new Set(schedule.critical(runs));
    const [speedup, efficiency] = schedule.ratios(values, runs);
    result.textContent = say.result.replace("{end}", number(1000 * end, 1)).replace("{speedup}", number(speedup, 2))
      .replace("{efficiency}", number(100 * efficiency, 0));
    const svg = picture.querySelector("svg"), rows = Object.keys(lanes);
    svg.querySelectorAll("rect").forEach(bar => bar.remove());
    jobs.forEach((job, index) => {
      const bar = document.createElementNS(svg.namespaceURI, "rect");
      const attributes = { class: job.kind + (outlined.has(index) ? " critical" : ""), height: LANE,
                      x: `${(100 * runs[index].start / end).toFixed(2)}%`, width: `${(100 * job.seconds / end).toFixed(2)}%`,
                      y: rows.indexOf(job.queues[0]) * (LANE + GAP) + GAP };
      for (const [name, value] of Object.entries(attributes)) bar.setAttribute(name, value);
      svg.append(bar);
    });
    svg.querySelector("title").textContent = result.textContent;
  }

  const inputs = {};
  const form = element("form", { className: "schedule-controls" });
  form.addEventListener("submit", event => event.preventDefault());
  for (const name of CONTROLS[experiment]) {
    const [min, max, step] = SLIDERS[name], scale = name === "first" || name === "second" ? 1000 : 1;
    const id = `schedule-${place}-${name}`;
    const input = element("input", { type: "range", id, min, step });
    const output = element("output", { htmlFor: id });
    input.max = Math.max(max, Math.ceil(1.5 * scale * measured[name]));
    input.addEventListener("input", () => { values[name] = Number(input.value) / scale; output.value = input.value; draw(); });
    inputs[name] = () => { input.value = Math.round(scale * values[name]); output.value = input.value; };
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
});
