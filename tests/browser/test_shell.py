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
