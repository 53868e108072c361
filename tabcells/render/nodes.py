"""From marked cells to tab sets: neutral containers first, sphinx-tabs' nodes for HTML."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from urllib.parse import quote, unquote

from docutils import nodes
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound
from sphinx.highlighting import lexer_classes
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective
from sphinx_tabs.tabs import SphinxTabsContainer, SphinxTabsPanel, SphinxTabsTab, SphinxTabsTablist

from ..page.merge import LEXER
from .wellformed import has_scripts, wellformed, wellformed_around


class TabProse(SphinxDirective):
    """Prose of one tab: ``{tabcells-prose} TABSET TAB LINKS``, written by ``merge`` alone.

    LINKS are definitions of links, quoted as in a URL; they hold here before the page's own.
    """

    has_content = True
    required_arguments, optional_arguments = 2, 1

    def run(self) -> list[nodes.Node]:
        tabset, tab, *links = self.arguments
        node = nodes.container(tabset=int(tabset), tab=tab)
        with self._own_links("".join(links)):
            self.state.nested_parse(self.content, self.content_offset, node)
        for heading in node.findall(nodes.rubric):  # what MyST makes of a heading in here
            heading["heading-level"] = heading.get("level")
        return [node]

    @contextmanager
    def _own_links(self, quoted) -> Iterator[None]:
        if not quoted:
            yield
            return
        renderer = self.state.document["nb_renderer"].renderer  # where myst-nb keeps it
        parsed: dict = {}
        renderer.md.parse(unquote(quoted), parsed)
        own, known = parsed.get("references", {}), renderer.md_env.setdefault("references", {})
        hidden = {label: known[label] for label in own.keys() & known.keys()}
        known.update(own)
        yield
        known.update(hidden)


def _marks(node) -> dict:
    """Where a container's ``tabset`` and ``tab`` stand, if it has them."""
    return node.get("cell_metadata", node.attributes)


def _is_marked(node) -> bool:
    return isinstance(node, nodes.container) and "tabset" in _marks(node)


class SetLexers(SphinxTransform):
    """Colour each cell as its own kernel's language: myst-nb knows one lexer a notebook."""

    default_priority = 400

    def apply(self, **kwargs) -> None:
        for cell in self.document.findall(nodes.container):
            lexer = cell.get("cell_metadata", {}).get(LEXER)
            for block in cell.findall(nodes.literal_block) if lexer else ():
                # The kernel has understood it: what a lexer can't is no fault of the page.
                block["force"] = True
                if isinstance(block.parent, nodes.container) and block.parent.get(
                        "nb_element") == "cell_code_source":
                    block["language"] = lexer if _known(lexer) else "text"
                elif "traceback" in block["classes"] and lexer != "ipython3":
                    block["language"] = "text"


def _known(lexer) -> bool:
    try:
        return lexer in lexer_classes or bool(get_lexer_by_name(lexer))
    except ClassNotFound:
        return False


class GatherTabs(SphinxTransform):
    """Move the blocks of each tab set into one container, a panel for each tab."""

    default_priority = 400

    def apply(self, **kwargs) -> None:
        tabs = list(self.config.tabcells_tabs)
        sets = {}
        for node in list(self.document.findall(_is_marked)):
            sets.setdefault(_marks(node)["tabset"], []).append(node)
        for number, members in sets.items():
            tabset = nodes.container(classes=["tabcells"], number=number,
                                     docname=self.env.docname)
            members[0].parent.insert(members[0].parent.index(members[0]), tabset)
            panels = {}
            for node in members:
                node.parent.remove(node)
                tab = _marks(node)["tab"]
                panels.setdefault(tab, nodes.container(classes=["tabcells-panel"], panel=tab))
                panels[tab] += node
            tabset += [panels[tab] for tab in tabs if tab in panels]


class _TabSets(SphinxPostTransform):
    """Renders each tab set of a page."""

    default_priority = 300

    def run(self, **kwargs) -> None:
        for tabset in [n for n in self.document.findall(nodes.container)
                       if "tabcells" in n["classes"]]:
            self.render(tabset)

    def render(self, tabset) -> None:
        raise NotImplementedError

    def _label(self, panel) -> str:
        return self.config.tabcells_tabs[panel["panel"]]["label"]


class LabelTabs(_TabSets):
    """Every tab under its label."""

    def render(self, tabset) -> None:
        for panel in tabset:
            label = self._label(panel)
            panel.insert(0, nodes.paragraph("", "", nodes.strong(label, label),
                                            classes=["tabcells-label"]))


class RenderTabs(_TabSets):
    """sphinx-tabs' tab list and panels, in the WAI-ARIA tab pattern.

    Which panel is shown is the style sheet's business.
    """

    def render(self, tabset) -> None:
        tabs = [panel["panel"] for panel in tabset]
        page = quote(tabset["docname"], safe="")  # one file may hold many pages
        tablist = SphinxTabsTablist(role="tablist", **{"aria-label": self.config.tabcells_label})
        new = SphinxTabsContainer("", tablist, classes=["tabcells"],
                                  **{"data-tabs": " ".join(tabs)})
        if len(tabs) < len(self.config.tabcells_tabs) and self.config.tabcells_only:
            labels = ", ".join(self._label(panel) for panel in tabset)
            new += nodes.paragraph("", self.config.tabcells_only.format(labels),
                                   classes=["tabcells-only"])
        for i, old in enumerate(tabset):
            tab, label = old["panel"], self._label(old)
            tab_id, panel_id = (f"tabcells-{part}-{page}-{tabset['number']}-{tab}"
                                for part in ("tab", "panel"))
            tablist += SphinxTabsTab(
                "", nodes.Text(label), role="tab", type="button", ids=[tab_id],
                tabindex="-1" if i else "0", **{
                    "aria-selected": "false" if i else "true", "aria-controls": panel_id,
                    "data-tab": tab})
            # No stop of the Tab key: what is in it has some of its own.
            new += SphinxTabsPanel(
                "", *old.children, role="tabpanel", ids=[panel_id],
                **{"aria-labelledby": tab_id, "data-tab": tab, "data-label": label})
        tabset.replace_self(new)


class AddSwitch(SphinxPostTransform):
    """On a page with two tab sets or more, one switch for all, which stays in sight.

    Their own tabs stay: a list that can be seen can be reached by the Tab key, too.
    """

    default_priority = 310  # the sets are rendered

    def run(self, **kwargs) -> None:
        sets = [node for node in self.document.findall(SphinxTabsContainer)
                if "tabcells" in node["classes"]]
        of_page = set(" ".join(node["data-tabs"] for node in sets).split())
        tabs = [tab for tab in self.config.tabcells_tabs if tab in of_page]
        if len(sets) > 1 and len(tabs) > 1:
            # Below the page's title, where it has one: an admonition's or a table's is none.
            title = next((title for title in self.document.findall(nodes.title)
                          if isinstance(title.parent, nodes.section)), None)
            parent, place = (title.parent, title.parent.index(title) + 1) if title else (
                self.document, 0)
            parent.insert(place, nodes.raw("", self._html(tabs), format="html"))

    def _html(self, tabs) -> str:
        labels = "".join(
            f'<label><input type="radio" name="tabcells-switch" value="{escape(tab)}">'
            f'{escape(self.config.tabcells_tabs[tab]["label"])}</label>' for tab in tabs)
        return (f'<div class="tabcells-switch" role="radiogroup" '
                f'aria-label="{escape(self.config.tabcells_label)}">{labels}</div>')


class WholeMarkdown(SphinxTransform):
    """HTML in what a cell prints as Markdown ends within the paragraph or list it begins in."""

    default_priority = 400

    def apply(self, **kwargs) -> None:
        for output in self.document.findall(nodes.container):
            if output.get("mime_type") == "text/markdown":
                for parent in output.findall(nodes.Element):
                    pieces = [child for child in parent.children if _is_html(child)]
                    whole = wellformed_around([piece.astext() for piece in pieces],
                                              isinstance(parent, nodes.TextElement))
                    for piece, html in zip(pieces, whole, strict=True):
                        _set_text(piece, html)


class LeaveOutScripts(SphinxPostTransform):
    """In XHTML, no scripts and styles of outputs: a sentence takes their place.

    The standard of e-books allows no styles there.
    """

    default_priority = 300  # myst-nb has chosen each output's form by then

    def run(self, **kwargs) -> None:
        for node in [*self.document.findall(_is_html)]:
            # What myst-nb makes of JavaScript and widgets has no class.
            if "text_html" in node["classes"] or node.astext().startswith("<script"):
                self._leave_out(node)

    def _leave_out(self, node) -> None:
        html = node.astext()
        _set_text(node, wellformed(html, scripts=False))
        if has_scripts(html) and (sentence := self.config.tabcells_left_out):
            words = nodes.emphasis("", sentence, classes=["tabcells-left-out"])
            inline = isinstance(node.parent, nodes.TextElement)
            node.parent.insert(node.parent.index(node) + 1,
                               words if inline else nodes.paragraph("", "", words))


def _is_html(node) -> bool:
    return isinstance(node, nodes.raw) and "html" in node["format"].split()


def _set_text(node, text) -> None:
    node.clear()
    node += nodes.Text(text)


def add_post_transforms(app) -> None:
    """Add the transforms that the builder's pages go through, once it is known.

    What HTML builders call `embedded` (e-books, help viewers) can't be trusted to run scripts.
    """
    html, embedded = app.builder.format == "html", getattr(app.builder, "embedded", False)
    app.add_post_transform(RenderTabs if html and not embedded else LabelTabs)
    if html and not embedded:
        app.add_post_transform(AddSwitch)
    if html and embedded:
        app.add_post_transform(LeaveOutScripts)
