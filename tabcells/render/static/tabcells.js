/* Tab sets of one page show one choice: the key in <html data-tab>, which a script above them
   has set before any was painted, and from which the style sheet shows panels.
   The WAI-ARIA tab pattern: arrow keys, Home and End choose; the Tab key stops once at each list of
   tabs that is in sight, and at the page's switch (AddSwitch), which is for all of them. */
(function () {
  "use strict";
  const root = document.documentElement;
  const OURS = ".tabcells > [role=tablist] > [role=tab]";
  // Synchronized tabs of sphinx-tabs; and of sphinx-design, labels of radio buttons.
  const GROUPED = ".sphinx-tabs-tab.group-tab", SYNCED = ".sd-tab-set > label[data-sync-id]";
  const every = (selector, from) => [...(from || document).querySelectorAll(selector)];
  const pageSwitch = document.querySelector(".tabcells-switch");
  const gap = document.createElement("div"); // where the switch would be, did it not stay in sight

  /** Show `key` in every tab set that has it; a set that lacks it shows its first tab. */
  function show(key) {
    root.dataset.tab = key;
    for (const list of every(".tabcells > [role=tablist]")) {
      const tabs = [...list.children];
      const chosen = tabs.find((tab) => tab.dataset.tab === key) || tabs[0];
      for (const tab of tabs) {
        tab.setAttribute("aria-selected", tab === chosen);
        tab.tabIndex = tab === chosen ? 0 : -1;
      }
    }
    for (const button of every(".tabcells-switch input")) button.checked = button.value === key;
  }

  function address() {
    const here = new URL(location.href);
    here.searchParams.set("tab", root.dataset.tab);
    history.replaceState(history.state, "", here);
  }

  /** A reader's choice: shown, remembered in the place of what a link asked for, and put into the
      address.  `place()` is where the reader looks, in pixels; it is kept in the window. */
  function choose(key, place) {
    const before = place();
    show(key);
    lead();
    // Panels above may have changed their heights.
    window.scrollBy({ top: place() - before, behavior: "instant" });
    try {
      sessionStorage.removeItem("tabcells-tab");
      localStorage.setItem("tabcells-tab", key);
    } catch (error) { /* a browser without storage forgets */ }
    address();
  }

  const topOf = (node) => () => node.getBoundingClientRect().top;

  /** The elements around `node`, from its parent to the body. */
  function* boxesOf(node) {
    for (let box = node.parentNode; box !== document.documentElement; box = box.parentNode) yield box;
  }

  /** The lower edge of what a theme keeps at the window's upper edge, over all of the switch. */
  function headersEdge() {
    const { left, right } = pageSwitch.getBoundingClientRect();
    const boxes = [...boxesOf(pageSwitch)], beside = boxes.slice(1).flatMap((box) => [...box.children]);
    let edge = 0;
    for (const node of beside.filter((each) => !boxes.includes(each)).flatMap(
      (each) => [each, ...every("*", each)])) {
      const { position, top, visibility } = getComputedStyle(node);
      if (!/sticky|fixed/.test(position) || visibility === "hidden") continue;
      const box = node.getBoundingClientRect();
      // One that is still on its way up counts where it will stay; what fills the window is no header.
      const end = Math.min(box.bottom, parseFloat(top) + box.height);
      if (box.left <= left && box.right >= right && end < innerHeight / 2) edge = Math.max(edge, end);
    }
    return Math.floor(edge);
  }

  /** Keep the switch below that, and what a link or the Tab key leads to below the switch. */
  function makeRoom() {
    const edge = headersEdge(), height = pageSwitch.offsetHeight;
    root.style.setProperty("--tabcells-room", `${height + 8}px`);
    root.style.scrollPaddingTop = `${edge + height + 8}px`;
    // What is sticky stays within a box that scrolls, be it sideways alone: it is lifted out of that.
    const isHeld = [...boxesOf(pageSwitch)].some((box) => box !== document.body
      && /auto|scroll|hidden/.test(getComputedStyle(box).overflow));
    const { top, left, width } = gap.getBoundingClientRect(), isLifted = isHeld && top < edge;
    gap.style.height = isLifted ? `${height}px` : "";
    Object.assign(pageSwitch.style, { top: `${edge}px`, position: isLifted ? "fixed" : "",
      left: isLifted ? `${left}px` : "", width: isLifted ? `${width}px` : "" });
  }

  /** The place in the first set that is not all above the switch: as far into it as before. */
  function reading() {
    const line = pageSwitch.getBoundingClientRect().bottom;
    const sets = every(".tabcells");
    const set = sets.find((each) => each.getBoundingClientRect().bottom > line) || sets.pop();
    const { top, height } = set.getBoundingClientRect();
    const part = Math.min(1, Math.max(0, (line - top) / height));
    return () => set.getBoundingClientRect().top + part * set.getBoundingClientRect().height;
  }

  /** Whether `tab` could be chosen instead, and has the label of the tab `like`. */
  function isUnchosen(tab, like) {
    const chosen = tab.control ? tab.control.checked : tab.getAttribute("aria-selected") !== "false";
    return !chosen && tab.textContent.trim() === like.textContent.trim();
  }

  /** Synchronized tabs with the label of what we show follow. */
  let leading = false;
  function lead() {
    const ours = every(OURS).find((tab) => tab.dataset.tab === root.dataset.tab);
    leading = true;
    for (const tab of ours ? every(`${GROUPED}, ${SYNCED}`) : []) {
      // The radio button itself: a click on its label would take the focus along.
      if (isUnchosen(tab, ours)) (tab.control || tab).click();
    }
    leading = false;
  }

  /** The reader has chosen a synchronized tab: show ours with its label. */
  function follow(tab) {
    const ours = every(OURS).find((each) => isUnchosen(each, tab));
    if (ours) choose(ours.dataset.tab, topOf(tab));
  }

  /** A link to something inside a tab that is not shown opens that tab, one of others' too. */
  function reveal() {
    let target = null;
    try {
      target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    } catch (error) { /* not an encoded id */ }
    if (!target || target.getClientRects().length) return;
    const panel = target.closest(".tabcells > [role=tabpanel]");
    if (panel) {
      show(panel.dataset.tab);
      lead();
    }
    for (const box of every(".sphinx-tabs-panel[hidden]").filter((box) => box.contains(target))) {
      document.getElementById(box.getAttribute("aria-labelledby")).click();
    }
    for (const box of every(".sd-tab-content").filter((box) => box.contains(target))) {
      box.previousElementSibling.control.checked = true;
    }
    for (let box = target; box; box = box.parentElement) if (box.matches("details")) box.open = true;
    target.scrollIntoView();
  }

  const STEPS = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity };

  // In the capturing phase: sphinx-tabs listens on every tab list, ours included.
  document.addEventListener("keydown", (event) => {
    const tab = event.target.closest(OURS);
    if (!tab || !(event.key in STEPS) || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const tabs = [...tab.parentNode.children], last = tabs.length - 1;
    const to = tabs.indexOf(tab) + STEPS[event.key];
    const next = tabs[Number.isFinite(to) ? (to + tabs.length) % tabs.length : to < 0 ? 0 : last];
    next.focus();
    choose(next.dataset.tab, topOf(next));
  }, true);
  document.addEventListener("click", (event) => {
    const tab = event.target.closest(`${OURS}, ${GROUPED}`);
    if (!tab) return;
    if (tab.matches(OURS)) choose(tab.dataset.tab, topOf(tab));
    else if (event.isTrusted) follow(tab);
  });
  document.addEventListener("change", (event) => { // of a radio button, by mouse or by keys
    if (event.target.closest(".tabcells-switch")) {
      choose(event.target.value, reading());
      return;
    }
    const label = event.target.labels && event.target.labels[0];
    if (label && label.matches(SYNCED) && !leading) follow(label);
  });
  window.addEventListener("hashchange", reveal);
  window.addEventListener("pageshow", (event) => { // back again, after a choice on another page
    if (!event.persisted) return;
    show(window.tabcellsChoice());
    lead();
  });
  show(root.dataset.tab);
  if (pageSwitch) {
    pageSwitch.before(gap);
    makeRoom();
    for (const event of ["load", "resize", "scroll"]) window.addEventListener(event, makeRoom);
  }
  if (new URLSearchParams(location.search).has("tab")) address();
  // On the window, as sphinx-tabs, and after it: from then on it hears clicks.
  window.addEventListener("DOMContentLoaded", () => {
    lead();
    reveal();
  });
})();
