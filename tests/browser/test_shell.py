"""The page around the text, in a real browser: switch, drawers, colors, copy buttons."""
import pytest
from conftest import CHAPTER, PATIENCE
from playwright.sync_api import expect

PAGE = f"{CHAPTER}/auto-parallelism.html"
MACHINES = "#sec-auto-para-machines"


def opened(browser, address, **options):
    context = browser.new_context(**options)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.goto(address)
    return page


@pytest.mark.parametrize("width", [1400, 360])
def test_the_switch_keeps_section_and_choice(site, browser, width):
    page = opened(browser, f"file://{site}/vi/{PAGE}?tab=pytorch#sec-auto-para-network",
                  viewport={"width": width, "height": 800})
    page.locator(".language-link:visible").click()
    page.wait_for_url("**/en/**?tab=pytorch#sec-auto-para-network")
    page.wait_for_function(
        "Math.abs(document.querySelector(location.hash).getBoundingClientRect().top) < 200")
    page.wait_for_function("localStorage.getItem('book-language') === 'en'")
    page.goto(f"file://{site}/index.html")
    page.wait_for_url("**/en/index.html")
    page.context.close()


def test_a_language_is_remembered_though_the_page_that_was_left_lost_it(site, browser):
    page = opened(browser, f"file://{site}/vi/{PAGE}")
    page.evaluate("Storage.prototype.setItem = () => {}")
    page.locator(".language-link:visible").click()
    page.wait_for_url("**/en/**")
    page.wait_for_function("localStorage.getItem('book-language') === 'en'")
    page.context.close()


def test_the_switch_translates_an_old_anchor_and_the_place_being_read(site, browser):
    page = opened(browser, "about:blank")
    for old in ("computing-while-copying", "s1-2"):
        page.goto(f"file://{site}/en/{PAGE}#{old}")
        page.locator(".language-link:visible").click()
        page.wait_for_url("**/vi/**#sec-auto-para-copying")
    page.goto(f"file://{site}/en/{PAGE}")
    page.locator(f"{MACHINES} h2").evaluate("node => window.scrollTo(0, node.offsetTop + 5)")
    page.wait_for_selector(f".toc-tree .scroll-current > a[href='{MACHINES}']", state="attached")
    page.locator(".language-link:visible").click()
    page.wait_for_url(f"**/vi/**{MACHINES}")
    page.context.close()


@pytest.mark.parametrize("hash", ["", "#sec-auto-para-two-devices"])
def test_the_switch_leads_to_where_one_reads_and_not_to_where_one_came_in(site, browser, hash):
    page = opened(browser, f"file://{site}/en/{PAGE}{hash}")
    page.locator(f"{MACHINES} h2").evaluate(
        "node => window.scrollTo(0, scrollY + node.getBoundingClientRect().top - 100)")
    page.locator(".language-link:visible").click()
    page.wait_for_url(f"**/vi/**{MACHINES}")
    page.context.close()


def test_the_pages_contents_are_in_sight_beside_it(site, browser):
    page = opened(browser, f"file://{site}/vi/{PAGE}", viewport={"width": 1280, "height": 800})
    expect(page.locator("#page-contents a[href='#sec-auto-para-copying']")).to_be_in_viewport()
    expect(page.locator("#__toc")).not_to_be_visible()
    book, text, contents = (page.locator(place).bounding_box() for place in (
        "#book-navigation", "article", "#page-contents"))
    assert book["x"] + book["width"] <= text["x"]
    assert text["x"] + text["width"] <= contents["x"]
    assert contents["x"] + contents["width"] <= 1280
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    page.context.close()


@pytest.mark.parametrize("width", [1280, 360])
def test_a_long_way_takes_no_time_and_nothing_hides_where_it_ends(site, browser, width):
    page = opened(browser, f"file://{site}/vi/{PAGE}", viewport={"width": width, "height": 800})
    top = page.evaluate(f"""() => {{
        document.querySelector("#page-contents a[href='{MACHINES}']").click();
        return document.querySelector('{MACHINES}').getBoundingClientRect().top; }}""")
    switch = page.locator(".tabcells-switch").bounding_box()
    assert switch["y"] + switch["height"] <= top < 100  # there at once, and not covered
    page.wait_for_selector(f".toc-tree .scroll-current > a[href='{MACHINES}']", state="attached")
    assert page.evaluate("""() => {
        const toolbar = document.querySelector('.tabcells-switch');
        const top = node => node.getBoundingClientRect().top;
        const targets = [...document.querySelectorAll('article [id]')].filter(node =>
            node.getClientRects().length && top(node) > top(toolbar.nextElementSibling));
        if (targets.length < 50) return 'where is the text?';
        return targets.filter(node => {
            location.hash = node.id;
            return top(node) < toolbar.getBoundingClientRect().bottom;
        }).map(node => node.id) }""") == []
    page.context.close()


def test_the_way_back_to_the_top_lies_on_nothing_that_a_link_leads_to(site, browser):
    page = opened(browser, f"file://{site}/vi/{PAGE}#sec-auto-para-exercise-list",
                  viewport={"width": 360, "height": 700})
    page.evaluate("location.hash = 'sec-auto-para-copying'")
    back = page.locator(".back-to-top")
    expect(back).to_be_visible()
    heading = page.locator("#sec-auto-para-copying h2").bounding_box()
    assert back.bounding_box()["y"] > heading["y"] + heading["height"]
    page.context.close()


def test_the_colors_button_tells_its_state(site, browser):
    page = opened(browser, f"file://{site}/vi/index.html", color_scheme="dark")
    for name in ("Màu: theo hệ thống", "Màu: sáng", "Màu: tối", "Màu: theo hệ thống"):
        page.get_by_role("button", name=name, exact=True).click()
    page.context.close()


def test_what_has_the_focus_is_seen_and_not_covered(site, browser):
    page = opened(browser, f"file://{site}/vi/{PAGE}", viewport={"width": 360, "height": 700})
    page.locator("#sec-auto-para-exercise-list a:visible").first.focus()
    covered = """node => { const box = node.getClientRects()[0];
        return !node.contains(document.elementFromPoint(box.left + 2, box.top + 2)) }"""
    for _ in range(20):
        page.keyboard.press("Shift+Tab")
        place = page.evaluate_handle("document.activeElement").as_element()
        assert place.evaluate(covered) is False, place.evaluate("node => node.outerHTML")
    page.context.close()
    page = opened(browser, f"file://{site}/vi/{PAGE}", viewport={"width": 1280, "height": 700})
    page.locator(".sidebar-search").focus()
    expect(page.locator(".sidebar-search")).to_have_css("outline-style", "solid")
    page.context.close()


def test_drawers_by_keyboard(site, browser):
    page = opened(browser, f"file://{site}/vi/{PAGE}", viewport={"width": 360, "height": 700})
    page.keyboard.press("Tab")
    expect(page.locator(".skip-to-content")).to_be_focused()
    for box, drawer in (("__navigation", "#book-navigation"), ("__toc", "#page-contents")):
        expect(page.locator(drawer)).not_to_be_visible()
        page.keyboard.press("Tab")
        expect(page.locator(f"#{box}")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator(f"#{box}")).to_have_attribute("aria-expanded", "true")
        page.wait_for_function(
            f"document.querySelector('{drawer}').contains(document.activeElement)")
        expect(page.locator(drawer)).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator(f"#{box}")).to_be_focused()
        expect(page.locator(f"#{box}")).to_have_attribute("aria-expanded", "false")
        expect(page.locator(drawer)).to_have_css("visibility", "hidden")
    page.keyboard.press("Space")
    page.locator("#page-contents a[href='#sec-auto-para-copying']").click()
    page.wait_for_url("**#sec-auto-para-copying")
    expect(page.locator("#__toc")).not_to_be_checked()
    assert not page.errors
    page.context.close()


def test_a_refused_storage_breaks_nothing(site, browser):
    context = browser.new_context()
    context.set_default_timeout(PATIENCE)
    context.add_init_script("Object.defineProperty(window, 'localStorage', {configurable: true,"
                            " get() { throw new DOMException('refused', 'SecurityError'); }});")
    page = context.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"file://{site}/en/{PAGE}")
    page.locator(".theme-toggle:visible").click()
    expect(page.locator("body")).to_have_attribute("data-theme", "dark")
    assert page.locator(".copybtn").count() > 3
    page.locator(".language-link:visible").click()
    page.wait_for_url("**/vi/**")
    assert not errors
    context.close()


def test_the_colors_are_remembered(site, browser):
    page = opened(browser, f"file://{site}/vi/index.html", color_scheme="dark")
    page.locator(".theme-toggle:visible").click()
    page.goto(f"file://{site}/en/index.html")
    expect(page.locator("body")).to_have_attribute("data-theme", "light")
    page.context.close()


def test_copy_buttons_stand_on_code_alone_and_speak_the_language(site, browser):
    page = opened(browser, f"file://{site}/vi/{PAGE}")
    page.wait_for_selector(".copybtn")
    assert set(page.locator(".copybtn").evaluate_all("all => all.map(b => b.dataset.tooltip)")) == {
        "Sao chép"}
    assert page.locator(".copybtn title").first.text_content() == "Sao chép mã"
    assert page.locator(".cell_output .copybtn").count() == 0
    assert page.locator(".cell_input .copybtn").count() == page.locator(".cell_input pre").count()
    page.context.close()


def test_without_javascript_the_shell_works(site, browser):
    page = opened(browser, f"file://{site}/vi/{PAGE}", java_script_enabled=False,
                  viewport={"width": 360, "height": 700})
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.locator("#book-navigation")).to_be_visible()
    page.keyboard.press("Space")
    page.locator(".mobile-header .language-link").click()
    page.wait_for_url(f"**/en/{PAGE}")
    page.context.close()
