"use strict";
// The page's own small needs: copy buttons in its language, the language switch, the drawers.

// sphinx-copybutton has no Vietnamese; its words are read when the page is ready.
if (document.documentElement.lang === "vi" && typeof messages !== "undefined") {
  messages.vi = { copy: "Sao chép", copy_to_clipboard: "Sao chép mã",
                  copy_success: "Đã sao chép!", copy_failure: "Không sao chép được" };
  iconCopy = iconCopy.replace(messages.en.copy_to_clipboard, messages.vi.copy_to_clipboard);
  iconCheck = iconCheck.replace(messages.en.copy_success, messages.vi.copy_success);
  locale = "vi";
}

// The section to open in the other language: the address's, else the one being read.
// Sections of both languages share their first id (book/twins.py); older ids stand inside them.
function sectionHash() {
  const named = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (named) {
    const section = named.matches("section > span:empty") ? named.parentElement : named;
    return "#" + section.id;
  }
  const reading = [...document.querySelectorAll(".toc-tree .scroll-current > a")].pop();
  return reading ? reading.hash : "";
}

// What a page stores while it is being left may get lost, so the next page stores it again.
const LANGUAGE_CHOSEN = "book-language=";
function rememberLanguage(language) {
  try { localStorage.setItem("book-language", language); } catch { /* the reader allows no storage */ }
}
if (window.name.startsWith(LANGUAGE_CHOSEN)) {
  rememberLanguage(window.name.slice(LANGUAGE_CHOSEN.length));
  window.name = "";
}

document.querySelectorAll(".language-link").forEach(link => {
  const plain = link.getAttribute("href");
  const aim = () => { link.href = plain + location.search + sectionHash(); };
  ["pointerdown", "focus", "click"].forEach(event => link.addEventListener(event, aim));
  link.addEventListener("click", () => {
    rememberLanguage(link.dataset.language);
    window.name = LANGUAGE_CHOSEN + link.dataset.language;
  });
});

// Furo's drawers are checkboxes, which a keyboard reaches; here is what CSS can't do for them.
[["__navigation", "book-navigation"], ["__toc", "page-contents"]].forEach(([boxId, drawerId]) => {
  const box = document.getElementById(boxId), drawer = document.getElementById(drawerId);
  if (!box) return;
  const show = open => { box.checked = open; box.setAttribute("aria-expanded", String(open)); };
  show(false);
  box.addEventListener("change", () => {
    show(box.checked);
    if (!box.checked) return;
    [...drawer.querySelectorAll("a, input, button")].find(node => node.getClientRects().length)?.focus();
  });
  box.addEventListener("keydown", event => { if (event.key === "Enter") box.click(); });
  document.addEventListener("keydown", event => {
    if (event.key === "Escape" && box.checked) { show(false); box.focus(); }
  });
  drawer.addEventListener("focusout", event => {
    const to = event.relatedTarget;
    if (to && to !== box && !drawer.contains(to)) show(false);
  });
  drawer.addEventListener("click", event => { if (event.target.closest("a")) show(false); });
});

// What scrolls sideways can be scrolled by keyboard; opened tabs and folds change what does.
const scrollable = new ResizeObserver(entries => entries.forEach(({ target }) => {
  if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
  else target.removeAttribute("tabindex");
}));
document.querySelectorAll("article :is(pre, .table-wrapper, .math-wrapper)").forEach(box => scrollable.observe(box));
