// Run, edit, stop: the cells of a page in kernels of this machine, a kernel for each tab.
import { Outputs } from "./outputs.js";
import { LANGUAGE, element, say, settings } from "./page.js";

const { KernelManager, ServerConnection } = window["@jupyterlab/services"];

const seconds = new Intl.NumberFormat(LANGUAGE, { maximumSignificantDigits: 2 });

/** The server's kernels, once one is needed: from then on it is asked which are alive. */
let manager = null;
function server() {
  manager ??= new KernelManager({ serverSettings: settings() });
  return manager;
}

/** One cell at a time runs on a page, whatever its tab: a second one would spoil its readings. */
let turn = Promise.resolve();
function inTurn(work) {
  turn = turn.then(work, work);
  return turn;
}

/** A tab of this page: its cells in their order, and its kernel from the first run on. */
class Tab {
  constructor(name, label) {
    Object.assign(this, { name, label, cells: [], kernel: null, known: new Set() });
  }

  async start() {
    if (this.kernel) return;
    const kernel = await server().startNew({ name: `${LANGUAGE}.${this.name}` });
    kernel.statusChanged.connect((_, status) => {
      if (status === "autorestarting" || status === "dead") this.forget("died");
    });
    kernel.connectionStatusChanged.connect((_, status) => {
      if (status === "disconnected") kernel.dispose(); // what it was asked is refused by that
      for (const cell of this.kernel ? this.cells : []) {
        if (cell.isRunning) cell.tell(status === "connected" ? "running" : "unreachable");
      }
    });
    kernel.disposed.connect(() => {
      this.kernel = null;
      this.forget("died");
    });
    await new Promise((resolve, reject) => {
      kernel.info.then(resolve, reject);
      kernel.disposed.connect(() => reject(new Error(say("died"))));
    });
    this.kernel = kernel;
    for (const cell of this.cells) cell.draw();
  }

  /** The kernel knows none of the cells any more. */
  forget(why) {
    this.known.clear();
    for (const cell of this.cells) {
      if (cell.isRunning) cell.ending = why;
      cell.draw();
    }
  }

  async restart(cell) {
    for (const each of this.cells) if (each.isWaiting) each.end("stopped");
    this.forget("restarted");
    const restarted = this.kernel.restart().then(() => ["restarted"], reason);
    inTurn(() => restarted); // what is run from now on waits for it
    const words = await restarted;
    if (!cell.isWaiting) cell.tell(...words);
  }
}

/** What to say of a request that failed. */
function reason(error) {
  if (error instanceof ServerConnection.NetworkError) return ["unreachable"];
  if (error.response?.status === 403) return ["refused"];
  return ["failed", { reason: error.message }];
}

/** A code cell of the page: its code, its buttons, the published output and our own. */
class Cell {
  constructor(node, tab) {
    Object.assign(this, { node, tab, isWaiting: false, isRunning: false, ending: "" });
    tab.cells.push(this);
    this.block = node.querySelector(".cell_input > div"); // around it and its copy button
    this.published = node.querySelector(".cell_output");
    this.editor = null;
    this.own = null;
    this.bar = this.makeBar();
    node.firstElementChild.after(this.bar); // after folded code too: it can be run unopened
    this.draw();
  }

  get about() {
    return { number: this.tab.cells.indexOf(this) + 1, tab: this.tab.label };
  }

  makeBar() {
    const button = (name, work) => {
      const node = element("button", "", say(name));
      node.type = "button";
      node.addEventListener("click", work);
      return node;
    };
    this.run = button("run", () => this.ask());
    this.edit = button("edit", () => this.open());
    this.stop = button("stop", () => this.interrupt());
    this.restart = button("restart", () => this.tab.restart(this));
    this.back = button("published", () => this.close());
    this.status = element("span", "live-status");
    this.status.setAttribute("role", "status");
    this.first = button("first", () => this.answer(true));
    const alone = button("alone", () => this.answer(false));
    this.question = element("p", "live-question", element("span", ""), this.first, alone);
    const bar = element("div", "live", this.run, this.edit, this.stop, this.restart, this.back,
                        this.status, this.question);
    bar.setAttribute("role", "group");
    bar.setAttribute("aria-label", say("cell", this.about));
    this.question.hidden = true;
    return bar;
  }

  /** Which buttons there are now. A button that goes takes no focus along. */
  draw() {
    const busy = this.isRunning || this.isWaiting, focused = document.activeElement;
    this.run.hidden = busy;
    this.stop.hidden = !busy;
    this.restart.hidden = !this.tab.kernel;
    this.edit.hidden = Boolean(this.editor);
    this.back.hidden = busy || !(this.editor || this.own);
    if (this.bar.contains(focused) && !focused.getClientRects().length) {
      (busy ? this.stop : this.run).focus();
    }
  }

  tell(name, values) {
    this.status.textContent = say(name, values);
    this.bar.dataset.status = name;
  }

  end(name, values) {
    this.isWaiting = this.isRunning = false;
    this.tell(name, values);
    this.draw();
  }

  get code() {
    return this.editor ? this.editor.value : this.block.querySelector("pre").textContent;
  }

  /** Run this cell; where cells above it are not known to the kernel, ask about them first. */
  ask() {
    const above = this.above();
    if (!above.length) return this.start([this]);
    this.question.firstElementChild.textContent = say("above", { count: above.length });
    this.question.hidden = false;
    this.first.focus();
  }

  above() {
    return this.tab.cells.slice(0, this.tab.cells.indexOf(this)).filter((cell) => !this.tab.known.has(cell));
  }

  answer(all) {
    const cells = all ? [...this.above(), this] : [this];
    this.run.focus();
    this.question.hidden = true;
    this.start(cells);
  }

  /** Run cells one after the other, up to the first that fails or is stopped. */
  start(cells) {
    let goesOn = true;
    for (const cell of cells) {
      cell.isWaiting = true;
      cell.question.hidden = true;
      cell.tell("waiting");
      cell.draw();
      inTurn(async () => {
        goesOn = goesOn && cell.isWaiting && await cell.execute();
        if (cell.isWaiting) cell.end("stopped");
      });
    }
  }

  /** Whether it ran through. */
  async execute() {
    const { tab } = this;
    this.isWaiting = false;
    this.isRunning = true;
    this.ending = "";
    this.draw();
    let state = ["stopped"];
    try {
      if (!tab.kernel) this.tell("starting", this.about);
      await tab.start();
      if (!this.ending) state = await this.request();
    } catch (error) {
      state = this.ending ? [this.ending] : reason(error);
    }
    this.end(...state);
    return state[0] === "done";
  }

  /** Have the kernel run it: how that ended. Where the kernel ends or starts anew, this raises. */
  async request() {
    const { tab } = this, outputs = new Outputs(this.ownOutput());
    let began = performance.now(), name = "";
    this.tell(tab.kernel.connectionStatus === "connected" ? "running" : "unreachable");
    const future = tab.kernel.requestExecute({ code: this.code, allow_stdin: false });
    future.onIOPub = (message) => {
      if (message.header.msg_type === "execute_input") began = performance.now();
      if (message.header.msg_type === "error") name = message.content.ename;
      outputs.take(message);
    };
    const reply = await future.done.finally(() => outputs.draw());
    if (reply.content.status === "ok") {
      tab.known.add(this);
      return ["done", { seconds: seconds.format((performance.now() - began) / 1000) }];
    }
    return [name === "KeyboardInterrupt" ? "stopped" : "error"];
  }

  async interrupt() {
    if (this.isWaiting) {
      this.end("stopped");
    } else if (this.tab.kernel) {
      await this.tab.kernel.interrupt().catch((error) => this.tell(...reason(error)));
    } else {
      this.ending = "stopped"; // once the kernel has started
    }
  }

  /** The place of our own output, empty; the published one makes way. */
  ownOutput() {
    if (!this.own) {
      this.own = element("div", "cell_output live-output", element("p", "live-own", say("own")), element("div", ""));
      this.bar.after(this.own);
      if (this.published) this.published.hidden = true;
    }
    return this.own.lastElementChild;
  }

  open() {
    const text = this.code.replace(/\n$/, "");
    this.editor = element("textarea", "live-code");
    this.editor.value = text;
    this.editor.rows = text.split("\n").length;
    this.editor.spellcheck = false;
    this.editor.setAttribute("aria-label", say("code", this.about));
    this.editor.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.shiftKey)) return;
      event.preventDefault();
      if (!this.run.hidden) this.ask();
    });
    this.block.after(this.editor);
    this.block.hidden = true;
    const fold = this.block.closest("details");
    if (fold) fold.open = true;
    this.editor.focus();
    this.draw();
  }

  /** Back to what the book has published: code and output. */
  close() {
    this.editor?.remove();
    this.own?.remove();
    this.editor = this.own = null;
    this.block.hidden = false;
    if (this.published) this.published.hidden = false;
    this.status.textContent = "";
    this.draw();
  }
}

const tabs = new Map();
for (const node of document.querySelectorAll(".tabcells > [role=tabpanel] .cell")) {
  if (!node.querySelector(".cell_input pre")) continue;
  const { tab, label } = node.closest("[role=tabpanel]").dataset;
  if (!tabs.has(tab)) tabs.set(tab, new Tab(tab, label));
  new Cell(node, tabs.get(tab));
}

// A page that is left needs its kernels no more.
addEventListener("pagehide", () => {
  for (const tab of tabs.values()) tab.kernel?.shutdown().catch(() => {});
});
