/* Tab sets of one page show one choice: the key in <html data-tab>, which the head's script
   has set before anything was painted, and from which the style sheet shows panels.
   The WAI-ARIA tab pattern: arrow keys, Home and End choose; Tab leads into the panel. */
(function () {
  "use strict";
  const root = document.documentElement;
  const OURS = ".tabcells > [role=tablist] > [role=tab]", THEIRS = ".sphinx-tabs-tab.group-tab";
  const every = (selector, from) => [...(from || document).querySelectorAll(selector)];

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
  }

  function address() {
    const here = new URL(location.href);
    here.searchParams.set("tab", root.dataset.tab);
    history.replaceState(history.state, "", here);
  }

  /** A reader's choice: shown, remembered, and put into the address. */
  function choose(tab) {
    const before = tab.getBoundingClientRect().top;
    show(tab.dataset.tab);
    // Panels above may have changed their heights: keep the tab where the reader clicked.
    window.scrollBy({ top: tab.getBoundingClientRect().top - before, behavior: "instant" });
    try {
      localStorage.setItem("tabcells-tab", tab.dataset.tab);
    } catch (error) { /* a browser without storage forgets */ }
    address();
    lead();
  }

  /** The first of `tabs` with this label that isn't chosen, if there is one, as an array. */
  function unchosen(tabs, label) {
    return every(tabs).filter((tab) => tab.getAttribute("aria-selected") === "false" &&
      tab.textContent.trim() === label).slice(0, 1);
  }

  /** sphinx-tabs' own group tabs follow: those with the label of what we show. */
  function lead() {
    const ours = every(OURS).find((tab) => tab.dataset.tab === root.dataset.tab);
    if (ours) unchosen(THEIRS, ours.textContent.trim()).forEach((tab) => tab.click());
  }

  /** A link to something inside a tab that is not shown opens that tab. */
  function reveal() {
    let target = null;
    try {
      target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    } catch (error) { /* not an encoded id */ }
    const panel = target && target.closest(".tabcells > [role=tabpanel]");
    if (!panel || target.getClientRects().length) return;
    show(panel.dataset.tab);
    lead();
    for (const box of every(".sphinx-tabs-panel[hidden]").filter((box) => box.contains(target))) {
      document.getElementById(box.getAttribute("aria-labelledby")).click();
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
    choose(next);
  }, true);
  document.addEventListener("click", (event) => {
    const tab = event.target.closest(`${OURS}, ${THEIRS}`);
    if (!tab) return;
    if (tab.matches(OURS)) choose(tab);
    else if (event.isTrusted) unchosen(OURS, tab.textContent.trim()).forEach(choose);
  });
  window.addEventListener("hashchange", reveal);
  window.addEventListener("pageshow", (event) => { // back again, after a choice on another page
    if (!event.persisted) return;
    show(window.tabcellsChoice());
    lead();
  });
  show(root.dataset.tab);
  if (new URLSearchParams(location.search).has("tab")) address();
  // On the window, as sphinx-tabs, and after it: from then on it hears clicks.
  window.addEventListener("DOMContentLoaded", () => {
    lead();
    reveal();
  });
})();
