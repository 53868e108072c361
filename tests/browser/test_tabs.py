"""One choice of framework, in a real browser: by mouse, keyboard, address, memory, or none."""
import io
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from conftest import (
    BROWSER_ARGS,
    CHAPTER,
    CHROMIUM,
    LANGUAGES,
    PAGES,
    PATIENCE,
    TABS,
    TABS_OF,
    Project,
    until,
)
from matplotlib.image import imread
from playwright.sync_api import expect

A_AND_B = ("```{code-cell} python\n:tab: a\n\nprint('in a')\n```\n\n"
           "```{code-cell} python\n:tab: b\n\nprint('in b')\n```\n\nBetween.\n\n")

FIRST, *OTHERS = TABS_OF["auto-parallelism"]
#: One worker builds the page of ``stub``.
on_the_stub = pytest.mark.xdist_group("stub-page")


def url(site, language="en", page="auto-parallelism", more=""):
    return f"file://{site}/{language}/{CHAPTER}/{page}.html{more}"


def keys(page, selector, visible=False):
    """Of what ``selector`` selects within sets. One that lacks the chosen tab shows its first."""
    return set(page.eval_on_selector_all(f".tabcells {selector}", """(all, visible) => {
        const chosen = document.documentElement.dataset.tab;
        const has = set => !chosen || [...set.children].some(p => p.dataset.tab === chosen);
        return all.filter(node => has(node.closest(".tabcells"))
            && (node.checkVisibility() || !visible)).map(node => node.dataset.tab) }""", visible))


def shown(page):
    """The keys of all visible panels."""
    return keys(page, "> [role=tabpanel]", visible=True)


def selected(page):
    return keys(page, "> [role=tablist] > [aria-selected=true]")


@pytest.fixture(scope="module")
def stub(tmp_path_factory):
    """A page with a set that lacks tab b, headings inside tabs, and sphinx-tabs' own directive.

    Its theme leaves out what Sphinx has for the head of a page.
    """
    project = Project(tmp_path_factory.mktemp("stub"))
    with (project.folder / "conf.py").open("a") as file:
        file.write('templates_path = ["templates"]\n')
    (project.folder / "templates").mkdir()
    (project.folder / "templates" / "layout.html").write_text(
        '{% extends "!layout.html" %}{% set metatags = "" %}')
    project.write(A_AND_B + "```{code-cell} python\n:tab: a\n\nprint('a alone')\n```\n\nNext.\n\n"
                  + '+++ {"tab": "a"}\nProse.\n\n'
                  + '+++ {"tab": "b"}\n(deep)=\n### Deep in b\n\nText.\n\n'
                  + "+++\n\n" + "Line.\n\n" * 80 + "[To it](#deep).\n\n"
                  "````{tabs}\n```{group-tab} Tab A\nby hand a\n```\n"
                  "```{group-tab} Tab B\nby hand b\n```\n````\n")
    done = project.build()
    assert done.returncode == 0, done.stderr
    return f"file://{project.folder}/out/index.html"


@pytest.fixture(scope="module")
def nested(tmp_path_factory):
    """Sets of sphinx-tabs and of sphinx-design inside our tab a, synchronized and not, and one of
    each beside our sets."""
    project = Project(tmp_path_factory.mktemp("nested"))
    with (project.folder / "conf.py").open("a") as file:
        file.write('extensions.append("sphinx_design")\n')

    def own(kind, word, more=""):
        return (f"`````{{tabs}}\n```{{{kind}}} Tab A\n{word} a\n```\n"
                f"````{{{kind}}} Tab B\n{more}\n{word} b\n````\n`````\n\n")

    def design(word, group=""):
        """A `tab-set`; with a ``group``, its tabs are synchronized, by ids of that group."""
        items = "".join(f"```{{tab-item}} Tab {tab}\n" + f":sync: {group}-{tab}\n" * bool(group)
                        + f"\n{word} {tab.lower()}\n```\n" for tab in "AB")
        return "````{tab-set}\n" + f":sync-group: {group}\n" * bool(group) + f"\n{items}````\n\n"

    project.write('+++ {"tab": "a"}\nin a\n\n' + own("group-tab", "group")
                  + own("tab", "plain", "```{admonition} Note\n:name: within\nNote.\n```\n")
                  + design("synced", "one") + design("loose")
                  + '+++ {"tab": "b"}\nin b\n\n+++\n\n' + own("group-tab", "beside")
                  + design("outside", "two") + "Line.\n\n" * 80)
    done = project.build()
    assert done.returncode == 0, done.stderr
    return f"file://{project.folder}/out/index.html"


def begun(page):
    """The ids of the sections that begin above the middle of the window."""
    return page.evaluate("""[...document.querySelectorAll('article section[id]')].filter(
        s => s.getBoundingClientRect().top < innerHeight / 2).map(s => s.id)""")


@pytest.mark.parametrize("width", [1280, 360])
def test_one_switch_stays_in_sight_and_keeps_the_place(site, visit, width):
    with visit(url(site, "vi"), viewport={"width": width, "height": 700}) as page:
        switch = page.get_by_role("radiogroup", name="Framework")
        for place in ("sec-auto-para-copying", "sec-auto-para-network", "sec-auto-para-summary"):
            page.evaluate("""name => window.scrollTo(0, 300 + scrollY
                + document.getElementById(name).getBoundingClientRect().top)""", place)
            expect(switch).to_be_in_viewport(ratio=1)
            above = switch.evaluate("""node => { const {left, top} = node.getBoundingClientRect();
                return document.elementFromPoint(left + 9, top + 9).closest('div').className }""")
            assert above == "tabcells-switch"  # nothing lies on it
            before = begun(page)
            for key in (*OTHERS, FIRST):
                switch.get_by_label(TABS[key]).check()
                assert shown(page) == selected(page) == {key}
                assert begun(page) == before


@on_the_stub
def test_the_keys_stop_at_the_switch_and_once_at_each_list_of_tabs_in_sight(site, stub, visit):
    for address in (url(site), stub):
        with visit(address, viewport={"width": 1280, "height": 700}) as page:
            page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
            page.locator(".tabcells-switch :checked").focus()
            page.keyboard.press("ArrowRight")
            assert page.evaluate("document.activeElement.value") in shown(page)
            ring = "getComputedStyle(document.activeElement.closest('label')).outlineStyle"
            assert page.evaluate(ring) == "solid"
            stops = page.evaluate("""() => {
                window.stops = [];
                addEventListener('focusin', () => stops.push(document.activeElement));
                return document.querySelectorAll(
                    'a, button, input, pre, select, summary, [tabindex]').length }""")
            for _ in range(stops):
                page.keyboard.press("Tab")
                if page.evaluate("stops.at(-1).matches('footer *, .footer *')"):
                    break
            assert page.evaluate("stops.every(stop => !stop.closest('.tabcells-switch'))")
            visited, in_sight = page.evaluate("""[
                stops.map(stop => stop.closest('[role=tablist]')).filter(Boolean),
                [...document.querySelectorAll('[role=tablist]')].filter(l => l.checkVisibility())
            ].map(lists => lists.map(list => list.innerText + list.getBoundingClientRect().top))""")
            assert len(in_sight) > 2 and visited == in_sight


#: What themes keep at the top: as it stands, and where it ends once the page is scrolled.
HEADERS = {"position: sticky; top: 0; height: 60px": 60,
           "position: fixed; top: 8px; left: 0; width: 100%; height: 60px": 68,
           "position: fixed; top: 0; width: 40px; height: 60px": 0,  # a button
           "position: fixed; bottom: 0; left: 0; width: 100%; height: 60px": 0}


@on_the_stub
@pytest.mark.parametrize("style", HEADERS)
def test_the_switch_and_what_a_link_leads_to_stay_below_a_themes_header(stub, visit, style):
    with visit(stub + "?tab=b", viewport={"width": 360, "height": 700}) as page:
        page.evaluate("""style => {
            const banner = document.createElement('div'), header = document.createElement('header');
            banner.style.height = '40px';
            header.style = style + '; background: red; z-index: 9';
            document.body.prepend(banner, header);
            dispatchEvent(new Event('resize')) }""", style)
        page.evaluate("location.hash = 'deep'")
        switch = page.locator(".tabcells-switch").bounding_box()
        assert switch["y"] == HEADERS[style]
        heading = page.get_by_role("heading", name="Deep in b")
        below = heading.bounding_box()["y"] - switch["y"] - switch["height"]
        assert 0 <= below < 40
        before = page.evaluate("scrollY")
        page.locator(".tabcells-switch :checked").focus()  # moves nothing
        assert page.evaluate("scrollY") == before
        page.add_style_tag(content="div.body { overflow-x: auto }")  # what is sticky stays in there
        page.evaluate("dispatchEvent(new Event('scroll'))")
        assert page.locator(".tabcells-switch").bounding_box() == switch


@pytest.mark.parametrize("page_name", PAGES)
@pytest.mark.parametrize("width", [1280, 360])
def test_the_copy_button_covers_no_code(site, visit, page_name, width):
    with visit(url(site, page=page_name), viewport={"width": width, "height": 700}) as page:
        page.wait_for_selector(".copybtn")
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        page.wait_for_function("""() => ![...document.querySelectorAll('.copybtn')].some(button => {
            const box = button.getBoundingClientRect(), range = document.createRange();
            if (!box.width) return false;
            range.selectNodeContents(button.parentNode.querySelector('pre'));
            return [...range.getClientRects()].some(line => line.width && line.left < box.right
                && line.right > box.left && line.top < box.bottom && line.bottom > box.top);
        })""")


def test_code_that_goes_on_sideways_has_a_shadow_there(site, visit):
    edge = """pre => { const {left, right, bottom} = pre.getBoundingClientRect();
        return [left, right, bottom] }"""
    with visit(url(site), viewport={"width": 360, "height": 700}) as page:
        def darkness(side):
            """Of the outermost pixels of the block's last rows, where no letter is."""
            left, right, bottom = pre.evaluate(edge)
            x = left + 1 if side == "left" else right - 3
            picture = imread(io.BytesIO(page.screenshot(clip={
                "x": x, "y": bottom - 4, "width": 2, "height": 2})))
            return 1 - picture[..., :3].min()

        pre = page.locator(".cell_input pre").first
        pre.scroll_into_view_if_needed()
        assert pre.evaluate("pre => pre.scrollWidth - pre.clientWidth") > 20
        assert darkness("right") > darkness("left") + .15
        pre.evaluate("pre => pre.scrollLeft = 9999")
        page.wait_for_function("pre => pre.scrollLeft > 20", arg=pre.element_handle())
        assert darkness("left") > darkness("right") + .15


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_set_follows_one_click_and_the_page_stays_where_it_is(site, visit, language):
    with visit(url(site, language)) as page:
        assert shown(page) == selected(page) == {FIRST}
        tab = page.get_by_role("tab", name="PyTorch").nth(5)
        tab.scroll_into_view_if_needed()
        before = tab.bounding_box()["y"]
        tab.click()
        assert shown(page) == selected(page) == {"pytorch"}
        assert abs(tab.bounding_box()["y"] - before) < 2
        assert page.url.endswith("?tab=pytorch")


def test_the_choice_is_kept_over_pages_languages_and_visits(site, browser, tmp_path):
    def visit():  # a browser with a profile of its own, closed at the end like a reader's
        return browser.browser_type.launch_persistent_context(
            tmp_path, executable_path=CHROMIUM, args=BROWSER_ARGS, timeout=3 * PATIENCE)

    with visit() as context:
        page = context.new_page()
        page.goto(url(site))
        page.get_by_role("tab", name="PyTorch").first.click()
        for language in LANGUAGES:
            for name in PAGES:
                page.goto(url(site, language, name))
                assert shown(page) == {"pytorch"}, (language, name)
        page.reload()
        assert shown(page) == {"pytorch"}
        until(lambda: any(b"pytorch" in file.read_bytes() for file in tmp_path.glob(
            "Default/Local Storage/leveldb/*.log")))  # Chromium writes to disk now and then
    with visit() as context:
        page = context.new_page()
        page.goto(url(site, "vi"))
        assert shown(page) == {"pytorch"}


def test_a_links_tab_holds_for_this_visit_alone(site, browser):
    context = browser.new_context()
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(url(site))
    page.get_by_role("tab", name="PyTorch").first.click()
    page.goto(url(site, more="?tab=mxnet"))
    for name in PAGES:  # the visit goes on
        page.goto(url(site, page=name))
        assert shown(page) == {"mxnet"}, name
    another = context.new_page()
    another.goto(url(site))
    assert shown(another) == {"pytorch"}
    page.get_by_role("tab", name="PyTorch").first.click()  # the reader's own word ends it
    page.goto(url(site, page="async-computation"))
    assert shown(page) == {"pytorch"}
    context.close()


def test_the_address_chooses_and_the_way_back_does_not_undo_a_later_choice(site, visit):
    with visit(url(site, more="?tab=pytorch#summary")) as page:
        assert shown(page) == {"pytorch"}
        page.goto(url(site, page="async-computation"))
        assert shown(page) == {"pytorch"}
        page.get_by_role("tab", name="MXNet").first.click()
        page.go_back()
        page.wait_for_function("document.documentElement.dataset.tab === 'mxnet'")
        assert shown(page) == {"mxnet"} and "tab=mxnet" in page.url
    with visit(url(site, more="?tab=%22%3E%3Cscript%3E")) as page:  # nobody's tab
        assert shown(page) == {FIRST}


def test_keys_choose(site, visit):
    with visit(url(site)) as page:
        page.locator(f".tabcells [role=tab][data-tab={FIRST}]").first.focus()
        for key, chosen in (*(("ArrowRight", tab) for tab in (*OTHERS, FIRST)), ("End", OTHERS[-1]),
                            ("End", OTHERS[-1]), ("Home", FIRST), ("ArrowLeft", OTHERS[-1])):
            page.keyboard.press(key)
            assert selected(page) == shown(page) == {chosen}, key
            assert page.evaluate("document.activeElement.dataset.tab") == chosen
        ring = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert ring != "none"


def test_roles_names_and_ids_belong_together(site, visit):
    with visit(url(site)) as page:
        wrong = page.eval_on_selector_all("[role=tab]", """all => all.filter(tab => {
            const panel = document.getElementById(tab.getAttribute('aria-controls'));
            return !panel || panel.getAttribute('role') !== 'tabpanel'
                || panel.getAttribute('aria-labelledby') !== tab.id
                || panel.dataset.tab !== tab.dataset.tab
                || !tab.parentNode.getAttribute('aria-label')})""")
        assert wrong == []


def test_nothing_moves_while_a_remembered_tab_is_shown(site, visit):
    tall = {"width": 1280, "height": 3000}  # tab sets are in view
    with visit(url(site, more="?tab=pytorch"), viewport=tall) as page:
        page.add_init_script("""window.shifts = []; new PerformanceObserver(list => {
            window.shifts.push(...list.getEntries().map(e => [e.startTime, e.value]));
        }).observe({type: 'layout-shift', buffered: true})""")
        page.reload()
        page.evaluate("document.fonts.ready.then(() => 0)")
        # All is there, and then something does move: once that is reported, all before it is.
        began = page.evaluate("""new Promise(resolve => requestAnimationFrame(() =>
            requestAnimationFrame(() => {
                const began = performance.now(), block = document.createElement('div');
                block.style.height = '500px';
                document.querySelector('article').prepend(block);
                resolve(began);
            })))""")
        page.wait_for_function(
            "began => window.shifts.some(([time]) => time >= began)", arg=began)
        assert page.evaluate("began => window.shifts.filter(([time]) => time < began)"
                             ".reduce((sum, [, value]) => sum + value, 0)", began) < 0.001


@on_the_stub
def test_a_set_without_the_chosen_tab_shows_what_it_has_and_says_so(stub, visit):
    with visit(stub) as page:
        note = page.get_by_text("Only in Tab A.").first
        expect(note).not_to_be_visible()
        page.get_by_role("tab", name="Tab B").first.click()
        expect(note).to_be_visible()
        expect(page.get_by_text("a alone").last).to_be_visible()
        expect(page.get_by_text("in a", exact=True)).not_to_be_visible()


@on_the_stub
def test_a_link_to_a_heading_inside_a_tab_opens_it(stub, visit):
    for more in ("#deep", "?tab=a#deep"):
        with visit(stub + more) as page:
            expect(page.get_by_role("heading", name="Deep in b", level=3)).to_be_in_viewport()
    with visit(stub) as page:
        heading = page.get_by_role("heading", name="Deep in b")
        expect(heading).not_to_be_in_viewport()
        page.get_by_role("link", name="To it").click()
        expect(heading).to_be_in_viewport()


@on_the_stub
def test_sphinx_tabs_own_sets_follow_and_lead(stub, visit):
    with visit(stub) as page:
        page.get_by_role("tab", name="Tab B").first.click()
        expect(page.get_by_text("by hand b")).to_be_visible()
        page.get_by_role("tab", name="Tab A").last.click()
        expect(page.get_by_text("by hand a")).to_be_visible()
        expect(page.get_by_text("in a", exact=True)).to_be_visible()


@on_the_stub
def test_without_scripts_and_on_paper_every_tab_is_there_under_its_label(site, visit, stub):
    label = "getComputedStyle(document.querySelector('[data-tab=b]'), '::before').content"
    for address, everything in ((url(site), set(TABS_OF["auto-parallelism"])), (stub, {"a", "b"})):
        with visit(address, java_script_enabled=False) as page:
            assert shown(page) == everything
            assert page.locator(".tabcells [role=tab]:visible").count() == 0
        with visit(address) as page:
            page.emulate_media(media="print")
            assert shown(page) == everything
            assert page.locator(".tabcells [role=tab]:visible").count() == 0
    with visit(stub) as page:
        page.emulate_media(media="print")
        assert re.search("Tab B", page.evaluate(label.replace("=b]", "=b][role=tabpanel]")))


def texts_of(page, *words):
    """Those of the texts `WORD a` and `WORD b` on the page of ``nested`` that can be seen."""
    return [f"{word} {tab}" for word in words for tab in "ab"
            if page.get_by_text(f"{word} {tab}", exact=True).is_visible()]


@on_the_stub
def test_sphinx_tabs_own_sets_inside_a_tab_keep_their_own_and_stay_in_step(nested, visit):
    def texts(page):
        return texts_of(page, "group", "plain", "beside", "in")

    with visit(nested) as page:
        assert texts(page) == ["group a", "plain a", "beside a", "in a"]
        page.get_by_role("tab", name="Tab B").nth(2).click()  # a set of its own: nobody follows
        assert texts(page) == ["group a", "plain b", "beside a", "in a"]
        page.get_by_role("tab", name="Tab B").nth(1).click()
        assert texts(page) == ["beside b", "in b"]
        assert page.evaluate("localStorage.getItem('tabcells-tab')") == "b"
        page.reload()
        assert texts(page) == ["beside b", "in b"]
        page.get_by_role("tab", name="Tab A").first.click()
        assert texts(page) == ["group a", "plain a", "beside a", "in a"]
    with visit(nested + "?tab=b") as page:
        assert texts(page) == ["beside b", "in b"]
    with visit(nested + "?tab=b#within") as page:
        expect(page.get_by_text("plain b", exact=True)).to_be_in_viewport()


@on_the_stub
def test_sphinx_designs_synchronized_tabs_stay_in_step_inside_a_tab_and_beside(nested, visit):
    def texts(page):
        return texts_of(page, "synced", "loose", "outside", "beside", "in")

    def label(page, word, tab):
        return page.locator(".sd-tab-set", has_text=f"{word} a").locator("label", has_text=tab)

    first, second = (["synced a", "loose a", "outside a", "beside a", "in a"],
                     ["outside b", "beside b", "in b"])
    with visit(nested) as page:
        assert texts(page) == first
        label(page, "loose", "Tab B").click()  # not synchronized: nobody follows
        assert texts(page) == ["synced a", "loose b", "outside a", "beside a", "in a"]
        label(page, "loose", "Tab A").click()
        label(page, "synced", "Tab B").click()
        assert texts(page) == second
        page.reload()
        assert texts(page) == second
        page.get_by_role("tab", name="Tab A").first.click()
        assert texts(page) == first
        radio = label(page, "outside", "Tab A").locator("xpath=preceding-sibling::input[1]")
        radio.focus()
        before = radio.bounding_box()["y"]
        page.keyboard.press("ArrowRight")
        assert texts(page) == second
        assert page.evaluate("document.activeElement.type") == "radio"
        assert abs(radio.bounding_box()["y"] - before) < 2
        page.get_by_role("tab", name="Tab B").first.focus()
        page.keyboard.press("ArrowLeft")
        assert texts(page) == first
        assert page.evaluate("document.activeElement.dataset.tab") == "a"
    with visit(nested + "?tab=b") as page:
        assert texts(page) == second


SIDEWAYS = """[...document.querySelectorAll('body *')].filter(e => e.checkVisibility()
    && !e.closest('pre, .sidebar-drawer, .toc-drawer') && e.clientWidth > 1
    && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX !== 'visible'
    && getComputedStyle(e).textOverflow !== 'ellipsis').map(e => e.outerHTML.slice(0, 150))"""


#: Text that is painted smaller than 11 pixels, and pictures with their scale.
SMALL = """[...document.querySelectorAll('body *')].filter(node => {
    const isText = child => child.nodeType === 3 && child.data.trim();
    if (!node.getClientRects().length || ![...node.childNodes].some(isText)) return false;
    // Of letters that stand upright d is 0.
    const { c, d } = node.ownerSVGElement ? node.getScreenCTM() : { c: 0, d: 1 };
    return parseFloat(getComputedStyle(node).fontSize) * Math.hypot(c, d) < 11;
}).map(node => node.textContent.slice(0, 50))"""
SCALES = """[...document.images].filter(image => image.src.endsWith('.svg') && image.width).map(
    image => [image.src, image.width / image.naturalWidth])"""


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_phone_scrolls_only_down_only_code_sideways_and_all_is_legible(site, visit, language):
    drawings = []
    for path in sorted((site / language).rglob("*.html")):
        with visit(f"file://{path}", viewport={"width": 360, "height": 700}) as page:
            page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
            labels = dict.fromkeys(page.locator(".tabcells [role=tab]").all_inner_texts())
            for label in labels or [None]:
                if label:
                    page.get_by_role("tab", name=label, exact=True).first.click()
                assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
                assert page.evaluate(SIDEWAYS) == [], path
                assert page.evaluate(SMALL) == [], path
            drawings += [(Path(unquote(urlsplit(address).path)), scale)
                         for address, scale in page.evaluate(SCALES)]
    assert drawings
    for drawing, scale in drawings:
        sizes = re.findall(r"font:(\d+)px", drawing.read_text("utf-8"))
        assert sizes and min(map(int, sizes)) * scale >= 11, drawing.name


def test_a_solution_opens_with_a_click_and_is_in_full_on_paper(site, visit):
    with visit(url(site, page="auto-parallelism-exercises")) as page:
        fold = page.locator("details.fold").nth(1)
        text = fold.locator("p:not(.tabcells-only)").first  # the note may hide
        expect(text).not_to_be_visible()
        page.emulate_media(media="print")
        expect(text).to_be_visible()
        assert text.bounding_box()["height"] > 5
        page.emulate_media(media="screen")
        expect(text).not_to_be_visible()
        fold.locator("summary").click()
        expect(text).to_be_visible()


def test_the_landing_page_leads_to_the_readers_language(site, browser, visit):
    for locale, folder in (("vi-VN", "/vi/"), ("fr-FR", "/en/")):
        context = browser.new_context(locale=locale)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto(f"file://{site}/index.html")
        page.wait_for_url(f"**{folder}index.html")
        context.close()
    with visit(f"file://{site}/index.html", java_script_enabled=False) as page:
        assert page.locator("a").count() == 2
