"""What a reader does on a page: guesses, ticks exercises, asks for terms; by mouse, keyboard and
touch, in both languages, without scripts and on paper."""
import re

import pytest
from conftest import CHAPTER, LANGUAGES
from playwright.sync_api import expect

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
NAMES = {"auto-parallelism": ("two-devices-mxnet", "mxnet", 2),
         "async-computation": ("async-calls-pytorch", "pytorch", 3)}


def address(site, page="auto-parallelism", language="en", more="?tab=mxnet"):
    return f"file://{site}/{language}/{CHAPTER}/{page}.html{more}"


def results(page, name):
    """The results of a guess that have a place on the page, hidden or not."""
    return page.locator(f".of-guess-{name}")


def open_(page, name):
    """Whether a guess's results can be seen: all of them, or none."""
    states = set(results(page, name).evaluate_all(
        "all => all.map(r => getComputedStyle(r).contentVisibility !== 'hidden')"))
    assert len(states) == 1
    return states.pop()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("chapter_page", NAMES)
def test_a_click_on_an_answer_shows_the_result_and_what_is_to_be_said(
        site, visit, language, chapter_page):
    name, tab, right = NAMES[chapter_page]
    with visit(address(site, chapter_page, language, f"?tab={tab}")) as page:
        box = page.locator(f"#guess-{name}")
        assert results(page, name).count() > 1 and not open_(page, name)
        assert box.locator("legend").is_visible() and not box.locator("ul").is_visible()
        wrong = right % 3
        box.locator("label").nth(wrong).click()
        assert open_(page, name)
        expect(box.get_by_role("status")).to_contain_text(
            {"en": "Not so.", "vi": "Chưa đúng."}[language])
        box.locator("label").nth(right - 1).click()
        expect(box.get_by_role("status")).to_contain_text(
            {"en": "Right.", "vi": "Đúng."}[language])
        box.get_by_role("button").click()
        assert not open_(page, name)
        expect(box.get_by_role("status")).to_be_empty()
        assert box.locator("input:checked").count() == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_arrow_keys_look_at_answers_and_enter_gives_one(site, visit, language):
    with visit(address(site, language=language)) as page:
        box = page.locator("#guess-two-devices-mxnet")
        box.locator("input").first.focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        expect(box.locator("input").nth(2)).to_be_checked()
        assert not open_(page, "two-devices-mxnet")
        page.keyboard.press("Enter")
        assert open_(page, "two-devices-mxnet")
        expect(box.get_by_role("status")).not_to_be_empty()
        page.keyboard.press("Tab")
        expect(box.get_by_role("button")).to_be_focused()
        page.keyboard.press("Enter")
        assert not open_(page, "two-devices-mxnet")
        page.keyboard.press("Space")  # on request, without an answer
        assert open_(page, "two-devices-mxnet")
        expect(box.get_by_role("status")).to_be_empty()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_finger_answers_and_nothing_is_too_wide(site, visit, language):
    with visit(address(site, language=language), **PHONE) as page:
        label = page.locator("#guess-two-devices-mxnet label").nth(1)
        label.scroll_into_view_if_needed()
        label.tap()
        assert open_(page, "two-devices-mxnet")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_what_hides_a_result_shows_it_and_leads_there(site, visit):
    with visit(address(site)) as page:
        veils = page.locator(".guess-veil:visible")
        number = veils.count()
        expect(veils.first).to_have_text("Show the result")
        veils.first.focus()
        page.keyboard.press("Enter")
        assert "of-guess-" in page.evaluate("document.activeElement.className")
        assert veils.count() < number


def test_an_answer_is_remembered_in_both_languages_and_other_guesses_are_not_given(site, visit):
    with visit(address(site)) as page:
        page.locator("#guess-two-devices-mxnet label").first.click()
        page.goto(address(site, language="vi"))
        assert open_(page, "two-devices-mxnet")
        expect(page.locator("#guess-two-devices-mxnet input").first).to_be_checked()
        assert not open_(page, "run-and-copy-mxnet")
        page.locator("#guess-two-devices-mxnet").get_by_role("button").click()
        page.goto(address(site))
        assert not open_(page, "two-devices-mxnet")
        assert page.evaluate("Object.keys(localStorage).filter(k => /^guess/.test(k))") == []


def test_the_guess_of_a_tab_hides_nothing_of_the_other(site, visit):
    with visit(address(site)) as page:
        tabs = page.evaluate("""() => [...document.querySelectorAll('.guess')].map(box => [
          (box.closest('[role=tabpanel]') || {dataset: {}}).dataset.tab,
          [...document.querySelectorAll('.of-' + box.id)].map(
            r => r.closest('[role=tabpanel]').dataset.tab)])""")
    assert len(tabs) > 5
    for tab, hidden in tabs:
        assert hidden and (set(hidden) == {tab} if tab else len(set(hidden)) > 1)


def test_links_into_a_hidden_result_open_it_and_no_others_do(site, visit):
    with visit(address(site, more="?tab=mxnet#sec-auto-para-two-devices")) as page:
        assert not open_(page, "two-devices-mxnet")
        inside = page.evaluate("document.querySelector('.of-guess-two-devices-mxnet [id]').id")
        page.evaluate("id => { location.hash = id }", inside)
        page.wait_for_function("!document.querySelector('.of-guess-two-devices-mxnet').hidden")
    with visit(address(site, more=f"?tab=mxnet#{inside}")) as page:
        assert open_(page, "two-devices-mxnet") and not open_(page, "run-and-copy-mxnet")


def test_the_browsers_own_search_opens_a_result(site, visit):
    """As a link to words does, which looks for them as that search does."""
    with visit("about:blank") as page:
        page.goto(address(site, more="?tab=mxnet#:~:text=finds%20the%20parallelism"))
        page.wait_for_function("!document.querySelector('.of-guess-two-devices-mxnet').hidden")
        assert open_(page, "two-devices-mxnet") and not open_(page, "run-and-copy-mxnet")


@pytest.mark.parametrize("language, query", [("en", "engine finds the parallelism"),
                                             ("vi", "tự tìm ra chỗ song song")])
def test_what_the_search_page_leads_to_is_not_hidden(site, visit, language, query):
    with visit(f"file://{site}/{language}/search.html") as page:
        page.fill("#search-input", query)
        page.press("#search-input", "Enter")
        page.locator("#search-results a").first.click()
        page.wait_for_url("**/auto-parallelism.html**")
        assert open_(page, "two-devices-mxnet") and not open_(page, "run-and-copy-mxnet")


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_scripts_and_on_paper_all_is_there(site, visit, language):
    with visit(address(site, language=language), java_script_enabled=False) as page:
        box = page.locator("#guess-two-devices-mxnet")
        assert box.locator("li").count() == 3 and box.locator("input").count() == 0
        assert box.locator("li").first.is_visible()
        assert results(page, "two-devices-mxnet").first.is_visible()
        assert page.locator(".gloss[tabindex]").count() == 0
    with visit(address(site, language=language)) as page:
        page.emulate_media(media="print")
        box = page.locator("#guess-two-devices-mxnet")
        assert box.locator("legend").is_visible() and box.locator("li").first.is_visible()
        assert not box.locator("label, button").first.is_visible()
        assert open_(page, "two-devices-mxnet") and open_(page, "mlp")
        assert page.locator(".guess-veil:visible").count() == 0


def marks(page):
    return page.locator(".toc-tree a:has(.done)").evaluate_all("all => all.map(a => a.hash)")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("hand", ["mouse", "keyboard", "touch"])
def test_an_exercise_done_is_marked_in_the_contents_here_alone(site, visit, language, hand):
    options = PHONE if hand == "touch" else {}
    with visit(address(site, "auto-parallelism-exercises", language, ""), **options) as page:
        boxes = page.locator(".exercise-done input")
        assert boxes.count() == 5 and marks(page) == []
        box = boxes.nth(1)
        if hand == "keyboard":
            box.focus()
            page.keyboard.press("Space")
        else:
            box.scroll_into_view_if_needed()
            (box.tap if hand == "touch" else box.click)()
        assert marks(page) == ["#sec-exercise-small-operators"]
        page.goto(address(site, "auto-parallelism-exercises", "en", ""))
        expect(boxes.nth(1)).to_be_checked()
        expect(page.get_by_role("checkbox", name=re.compile("Done: .*Small"))).to_be_checked()
        assert marks(page) == ["#sec-exercise-small-operators"]
        boxes.nth(1).uncheck()
        assert marks(page) == []
        page.reload()
        assert marks(page) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("hand", ["mouse", "keyboard", "touch"])
def test_a_term_tells_its_meaning_and_its_word_in_the_other_language(site, visit, language, hand):
    options = PHONE if hand == "touch" else {}
    with visit(address(site, language=language), **options) as page:
        term = page.locator(".gloss[data-word]:visible").first
        note = page.locator(".gloss-note").first
        expect(note).not_to_be_visible()
        if hand == "mouse":
            term.hover()
        elif hand == "keyboard":
            term.focus()
        else:
            term.tap()
        expect(note).to_be_visible()
        expect(note.locator("i")).to_have_text({"en": "bộ máy", "vi": "engine"}[language])
        expect(note.locator("i")).to_have_attribute("lang", {"en": "vi", "vi": "en"}[language])
        expect(term).to_have_attribute("aria-describedby", note.get_attribute("id"))
        place = note.bounding_box()
        assert 0 <= place["x"] and place["x"] + place["width"] <= page.viewport_size["width"]
        if hand == "mouse":  # it stays while it is pointed to
            page.mouse.move(place["x"] + 9, place["y"] + 9)
            expect(note).to_be_visible()
            page.mouse.move(place["x"] + 9, place["y"] + 400)
        elif hand == "keyboard":
            page.keyboard.press("Escape")
            expect(note).not_to_be_visible()
            page.keyboard.press("Enter")
            expect(note).to_be_visible()
            page.keyboard.press("Tab")
        else:
            page.locator("h1").first.tap()
        expect(note).not_to_be_visible()
        assert {"en": "to an engine in", "vi": "cho bộ máy (engine)"}[language] in page.evaluate(
            "document.querySelector('article').textContent.replace(/\\s+/g, ' ')")


def test_every_note_is_within_the_window_of_a_phone(site, visit):
    with visit(address(site), **PHONE) as page:
        terms = page.locator(".gloss:visible")
        assert terms.count() > 4
        for number in range(terms.count()):
            terms.nth(number).tap()
            place = page.locator(".gloss-note:visible").bounding_box()
            assert 0 <= place["x"] and place["x"] + place["width"] <= 360, number
            assert 0 <= place["y"] and place["y"] + place["height"] <= 740, number
