"""What a page with tab sets loads: a style sheet, a script, and a few words above its text."""

from __future__ import annotations

import json
from pathlib import Path

import sphinx_tabs
from myst_nb.sphinx_ext import add_global_html_resources
from sphinx_tabs.tabs import SphinxTabsContainer

#: Before any tab set is painted; not in the head, since a theme may leave out what Sphinx has for
#: it (Shibuya does). A link's `?tab=` holds for this visit, as the browser's tab calls its own; a
#: reader's own choice, which the script remembers, ends that and holds from then on.
_FIRST = """<script>window.tabcellsChoice = function (followed) {
var tabs = %s, kept = null, asked = new URLSearchParams(location.search).get("tab");
if (tabs.indexOf(asked) < 0) asked = null;
try { if (asked && followed) sessionStorage.setItem("tabcells-tab", asked);
kept = sessionStorage.getItem("tabcells-tab") || localStorage.getItem("tabcells-tab");
} catch (e) {}
return tabs.indexOf(kept) < 0 ? asked || tabs[0] : kept; };
document.documentElement.dataset.tab = tabcellsChoice(
performance.getEntriesByType("navigation").every(function (n) { return n.type == "navigate"; }));
document.head.insertAdjacentHTML("beforeend", %s);
</script>
"""


def rules(tabs) -> str:
    """CSS: of each tab set the panel of ``html[data-tab]``, or the first where it lacks that."""
    text = ""
    for tab in tabs:
        chosen, having = f'html[data-tab="{tab}"] .tabcells', f'[data-tabs~="{tab}"]'
        text += (f'{chosen}{having}>[role=tabpanel]:not([data-tab="{tab}"]),'
                 f"{chosen}:not({having})>[role=tabpanel]~[role=tabpanel]{{display:none}}"
                 f"{chosen}:not({having})>.tabcells-only{{display:block}}")
    return f"@media screen{{{text}}}"


def add_to_page(app, pagename, templatename, context, doctree) -> None:
    """Give pages with tab sets what they need, and others nothing."""
    if doctree is None or not any("tabcells" in node["classes"]
                                  for node in doctree.findall(SphinxTabsContainer)):
        return
    tabs = list(app.config.tabcells_tabs)
    first = _FIRST % (json.dumps(tabs), json.dumps(f"<style>{rules(tabs)}</style>"))
    context["body"] = first + context["body"]
    app.add_css_file("tabcells.css")
    app.add_js_file("tabcells.js", loading_method="defer")


def add_folders(app, config) -> None:
    """Let Sphinx copy our files, and sphinx-tabs' own.

    Now, before Sphinx compares the settings with the last build's: sphinx-tabs adds its folder
    later, so that every build would say that they have changed.
    """
    config.html_static_path.insert(0, (Path(sphinx_tabs.__file__).parent / "static").as_posix())
    config.html_static_path.append(str(Path(__file__).parent / "static"))


def drop_second(app) -> None:
    """Undo what sphinx-tabs has just added once more."""
    app.config.html_static_path[:] = dict.fromkeys(app.config.html_static_path)


def copy_mystnb_css(app, builder) -> None:
    """Let myst-nb copy its style sheet before pages are written, too.

    It does so when all are written: a first build's links would lack the file's checksum, and
    those of each page that is written later would have it.
    """
    if builder.format == "html":
        Path(builder.outdir, "_static").mkdir(parents=True, exist_ok=True)
        add_global_html_resources(app, None)


def setup(app) -> None:
    app.connect("config-inited", add_folders, priority=900)  # Sphinx checks the list at 800
    app.connect("builder-inited", drop_second, priority=900)
    app.connect("write-started", copy_mystnb_css)
    app.connect("html-page-context", add_to_page, priority=900)
