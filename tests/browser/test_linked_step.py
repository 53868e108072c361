"""The MLP's graph and its timeline, linked: by mouse, keyboard and touch, in both languages."""
import pytest
from conftest import CHAPTER


def address(site, language="en", tab="mxnet"):
    """The section with its results, for which a reader would have to guess first."""
    return (f"file://{site}/{language}/{CHAPTER}/auto-parallelism.html?tab={tab}&found"
            "#sec-auto-para-network")


def step(page):
    return page.locator(".step:visible")


def box_of(page, name):
    return step(page).get_by_role("button", name=name, exact=True)


def kinds(page, kind):
    """The names of the boxes that are marked as chosen, needed, or needing."""
    return step(page).locator(f".step-graph .task.is-{kind}").evaluate_all(
        "tasks => tasks.map(task => task.getAttribute('aria-label'))")


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("tab", ["mxnet", "pytorch"])
def test_a_task_lights_up_its_bars_and_what_it_needs_and_what_needs_it(site, visit, language, tab):
    with visit(address(site, language, tab)) as page:
        box_of(page, "∂W₂ (GPU 1)").click()
        assert kinds(page, "chosen") == ["∂W₂ (GPU 1)"]
        assert kinds(page, "need") == ["loss (GPU 1)"]
        assert kinds(page, "next") == ["Σ ∂W₂ (CPU)"]
        bars = step(page).locator(".step-time .task.is-chosen")
        assert bars.count() >= 1
        assert set(bars.locator("text").all_text_contents()) == {"∂W₂"}
        said = step(page).locator(".step-said").inner_text()
        assert said.startswith("∂W₂ (GPU 1): ") and "loss (GPU 1)" in said
        assert ("was done last" if language == "en" else "xong sau cùng") in said
        assert box_of(page, "∂W₂ (GPU 1)").get_attribute("aria-pressed") == "true"


@pytest.mark.parametrize("tab", ["mxnet", "pytorch"])
def test_a_bar_leads_to_its_task_and_a_click_beside_them_to_none(site, visit, tab):
    with visit(address(site, tab=tab)) as page:
        longest = max(step(page).locator(".step-time rect").all(),
                      key=lambda bar: bar.bounding_box()["width"])
        name = longest.evaluate("bar => bar.parentNode.querySelector('text').textContent")
        longest.click()
        assert [text.split(" (")[0] for text in kinds(page, "chosen")] == [name]
        step(page).locator(".step-time").click(position={"x": 300, "y": 5})
        assert kinds(page, "chosen") == []


@pytest.mark.parametrize("language", ["vi", "en"])
def test_keys_go_through_the_step_in_the_order_in_which_its_tasks_began(site, visit, language):
    with visit(address(site, language)) as page:
        stops = step(page).locator(".step-graph [tabindex='0']")
        assert stops.count() == 1  # one stop for the tabulator, however many tasks
        stops.focus()
        seen = [*kinds(page, "chosen")]
        for _ in range(20):
            page.keyboard.press("ArrowRight")
            seen += kinds(page, "chosen")
        tasks = list(dict.fromkeys(seen))
        assert len(tasks) == 12 and tasks[-1] == "Σ ∂W₁ (CPU)"
        assert tasks.index("W₁ (GPU 2)") < tasks.index("W₂ (GPU 2)") < tasks.index("loss (GPU 2)")
        page.keyboard.press("ArrowLeft")
        assert kinds(page, "chosen") == [tasks[-2]]
        page.keyboard.press("Escape")
        assert kinds(page, "chosen") == []


def test_the_buttons_step_and_zoom(site, visit):
    with visit(address(site)) as page:
        time, scroll = (step(page).locator(name) for name in (".step-time", ".step-scroll"))
        width = time.bounding_box()["width"]
        step(page).get_by_role("button", name="Next task").click()
        first = kinds(page, "chosen")
        step(page).get_by_role("button", name="Next task").click()
        assert kinds(page, "chosen") != first
        step(page).get_by_role("button", name="Previous task").click()
        assert kinds(page, "chosen") == first
        names = "texts => texts.filter(text => text.getAttribute('visibility') !== 'hidden').length"
        legible = time.locator(".task text").evaluate_all(names)
        for _ in range(5):
            step(page).get_by_role("button", name="Zoom in").click()
        assert time.bounding_box()["width"] == pytest.approx(32 * width, rel=.01)
        assert time.locator(".task text").evaluate_all(names) > legible
        box_of(page, "Σ ∂W₁ (CPU)").click()
        assert scroll.evaluate("node => node.scrollLeft") > width  # its bars came into view
        for _ in range(7):
            step(page).get_by_role("button", name="Zoom out").click()
        assert time.bounding_box()["width"] == pytest.approx(width, rel=.01)


def test_a_finger_chooses_on_a_phone_where_all_is_legible(site, visit):
    with visit(address(site, "vi", "pytorch"), viewport={"width": 360, "height": 740},
               has_touch=True) as page:
        box = box_of(page, "loss (GPU 2)")
        box.scroll_into_view_if_needed()
        place = box.bounding_box()
        assert min(place["width"], place["height"]) >= 24
        page.touchscreen.tap(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
        assert kinds(page, "chosen") == ["loss (GPU 2)"]
        sizes = step(page).locator("svg text").evaluate_all("""texts => texts.map(text => {
          const box = text.getScreenCTM();
          return parseFloat(getComputedStyle(text).fontSize) * box.a; })""")
        assert min(sizes) >= 11
        assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_without_scripts_it_is_a_still_picture(site, visit):
    with visit(address(site), java_script_enabled=False) as page:
        assert page.locator(".step").count() == 2
        assert page.locator(".step svg[role=img]").count() == 4
        assert page.locator(".step :is(button, [tabindex], [role=button])").count() == 0
        assert page.locator(".step .step-time .task text:not([visibility])").first.is_visible()
