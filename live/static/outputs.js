// What a kernel prints, shown as the book shows outputs.

/** Characters of a stream that are kept: its last ones. */
const LIMIT = 200_000;
const COLOURS = /\x1b\[[0-9;?]*[A-Za-z]/g;

/** An element with classes, and text or children. */
export function element(name, classes, ...content) {
  const node = document.createElement(name);
  node.className = classes;
  node.append(...content);
  return node;
}

/** Text as a terminal leaves it: a line shows what was written last at its beginning. */
function printed(text) {
  return text.replace(COLOURS, "").replace(/\r+\n/g, "\n").replace(/[^\n]*\r(?=[^\n])/g, "");
}

function plain(text, kind) {
  const block = element("div", `output ${kind}`, element("div", "highlight", element("pre", "", printed(text))));
  block.classList.add("notranslate");
  return block;
}

function html(source) {
  const block = element("div", "output text_html evidence");
  block.innerHTML = source; // scripts in it do not run
  for (const table of block.querySelectorAll("table")) {
    const wrapper = element("div", "table-wrapper docutils container");
    table.classList.add("docutils");
    table.replaceWith(wrapper);
    wrapper.append(table);
  }
  scrolling.observe(block);
  return block;
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

/** The richest form that a page can show. */
const FORMS = [
  ["text/html", html],
  ["image/svg+xml", html],
  ["image/png", picture("image/png")],
  ["image/jpeg", picture("image/jpeg")],
  ["text/plain", (data) => plain(data, "text_plain")],
];

function formed(bundle) {
  const [type, form] = FORMS.find(([type]) => type in bundle) || ["", () => ""];
  return form(bundle[type], bundle["text/plain"] || "");
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
        const block = element("div", "", formed(content.data));
        this.add(block);
        if (display) this.displays.set(display, block);
        break;
      }
      case "update_display_data":
        this.displays.get(display)?.replaceChildren(formed(content.data));
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
