// What a kernel prints, shown as the book shows outputs.
import { element, say, settings } from "./page.js";

const { ServerConnection } = window["@jupyterlab/services"];

/** Characters of a stream that are kept: its last ones. */
const LIMIT = 200_000;
const COLOURS = /\x1b\[[0-9;?]*[A-Za-z]/g;

/** Text as a terminal leaves it: a line shows what was written last at its beginning. */
function printed(text) {
  return text.replace(COLOURS, "").replace(/\r+\n/g, "\n").replace(/[^\n]*\r(?=[^\n])/g, "");
}

function plain(text, kind) {
  const block = element("div", `output ${kind}`, element("div", "highlight", element("pre", "", printed(text))));
  block.classList.add("notranslate");
  return block;
}

/** Put HTML into a block that has a table or a formula scroll within it; say if scripts lie still. */
function fill(block, source) {
  block.innerHTML = source; // scripts in it do not run
  if (block.querySelector("script")) block.append(note("scripts"));
  for (const table of block.querySelectorAll("table")) {
    const wrapper = element("div", "table-wrapper docutils container");
    table.classList.add("docutils");
    table.replaceWith(wrapper);
    wrapper.append(table);
  }
  scrolling.observe(block);
  return block;
}

function html(source) {
  return fill(element("div", "output text_html evidence"), source);
}

/** Markdown or LaTeX: the server makes HTML of it; as long as it has not, the source is there. */
function markup(type) {
  return (source) => {
    const block = element("div", "output text_html", plain(source, "text_plain"));
    // No keepalive, which the pages' settings ask for: with it browsers send 64 KiB at most.
    const request = { method: "POST", body: JSON.stringify({ type, source }), keepalive: false };
    ServerConnection.makeRequest(`${location.origin}/live/markup`, request, settings())
      .then((answer) => answer.ok && answer.json())
      .then((answer) => answer && fill(block, answer.html))
      .catch(() => {}); // the source stays
    return block;
  };
}

// What scrolls sideways can be scrolled by keyboard.
const scrolling = new ResizeObserver((entries) => entries.forEach(({ target }) => {
  if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
  else target.removeAttribute("tabindex");
}));

function picture(type) {
  return (data, words) => {
    const image = element("img", "output");
    image.src = `data:${type};base64,${data}`;
    image.alt = words;
    return image;
  };
}

/** What a page can show, the richest form first, as in the published pages. */
const FORMS = [
  ["text/html", html],
  ["image/svg+xml", html],
  ["image/png", picture("image/png")],
  ["image/gif", picture("image/gif")],
  ["image/jpeg", picture("image/jpeg")],
  ["text/markdown", markup("text/markdown")],
  ["text/latex", markup("text/latex")],
];
const WIDGET = "application/vnd.jupyter.widget-view+json";

/** An output, or its plain text and a note that it needs more than a page. */
function formed(bundle) {
  const text = bundle["text/plain"] || "";
  const [type, form] = FORMS.find(([type]) => type in bundle) || [];
  if (form) return [form(bundle[type], text)];
  const kind = WIDGET in bundle ? "ipywidgets" : Object.keys(bundle).find((type) => type !== "text/plain");
  return [...(kind ? [note("elsewhere", { kind })] : []), ...(text ? [plain(text, "text_plain")] : [])];
}

function note(name, values) {
  return element("p", "live-note", say(name, values));
}

/** What one run of a cell prints, in `box`: takes the kernel's messages one by one. */
export class Outputs {
  constructor(box) {
    this.box = box;
    this.forget();
  }

  forget() {
    clearTimeout(this.drawing);
    this.box.replaceChildren();
    this.stream = null; // the last block, while the cell goes on printing into it
    this.displays = new Map();
    this.clearing = false;
    this.drawing = null;
  }

  add(block) {
    this.draw();
    if (this.clearing) this.forget();
    this.stream = null;
    this.box.append(block);
  }

  take({ header, content }) {
    const display = content.transient && content.transient.display_id;
    switch (header.msg_type) {
      case "stream":
        this.print(content.name, content.text);
        break;
      case "display_data":
      case "execute_result": {
        const block = element("div", "", ...formed(content.data));
        this.add(block);
        if (display) this.displays.set(display, block);
        break;
      }
      case "update_display_data":
        this.displays.get(display)?.replaceChildren(...formed(content.data));
        break;
      case "error":
        this.add(plain(content.traceback.join("\n"), "traceback"));
        break;
      case "clear_output":
        if (content.wait) this.clearing = true;
        else this.forget();
    }
  }

  print(name, text) {
    if (this.clearing || this.stream?.name !== name) {
      const block = plain("", `stream ${name}`);
      this.add(block);
      this.stream = { name, text: "", place: block.querySelector("pre") };
    }
    this.stream.text = (this.stream.text + text).slice(-LIMIT);
    // A cell may print faster than anything can be drawn.
    this.drawing ??= setTimeout(() => this.draw(), 30);
  }

  /** Show what has been printed up to now. */
  draw() {
    clearTimeout(this.drawing);
    this.drawing = null;
    if (this.stream) this.stream.place.textContent = printed(this.stream.text);
  }
}
