// What the client says, makes and asks: words in the page's language, elements, the server.
const { ServerConnection } = window["@jupyterlab/services"];
const WORDS = JSON.parse(document.getElementById("live-words").textContent);
export const LANGUAGE = document.documentElement.lang;

/** A sentence in the page's language, with `values` in its places. */
export function say(name, values = {}) {
  return WORDS[name].replace(/\{(\w+)\}/g, (_, key) => values[key]);
}

/** An element with classes, and text or children. */
export function element(name, classes, ...content) {
  const node = document.createElement(name);
  node.className = classes;
  node.append(...content);
  return node;
}

/** How to reach the server as this reader. */
export function settings() {
  return ServerConnection.makeSettings({
    baseUrl: location.origin, appendToken: true, token: localStorage.getItem("live-token") || "",
    init: { cache: "no-store", credentials: "omit", keepalive: true }, // past the page's end
  });
}
