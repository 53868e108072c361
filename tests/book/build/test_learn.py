"""Guesses and explained terms, on a stub project: what the page holds before any script runs."""
import json
import re

import pytest
from bs4 import BeautifulSoup

GUESS = """:::{guess} %s
:right: 2

What comes *first*?

* One.

  Not that.

* Two.

  That is it.

* Three.

  Nor that.
:::
"""
CELLS = ("```{code-cell} python\n:tab: a\n\nprint('%s of a')\n```\n\n"
         "```{code-cell} python\n:tab: b\n\nprint('%s of b')\n```\n\n")
GLOSSARY = ("# a comment\nstream\tdòng\t\t\t\tA queue <of> sorts.\tMột hàng đợi.\n"
            "host\tchủ\tkhách\t\t\n")


@pytest.fixture
def book(project):
    conf = project.folder / "conf.py"
    conf.write_text(conf.read_text() + (
        'extensions += ["book"]\nmyst_enable_extensions += ["attrs_block"]\nlanguage = "en"\n'))
    (project.folder / "glossary.tsv").write_text(GLOSSARY, "utf-8")
    return project


def built(book, **options):
    done = book.build(**options)
    assert done.returncode == 0, done.stdout + done.stderr
    return BeautifulSoup(book.html(), "html.parser")


def results(page, name):
    return [" ".join(node.get_text().split()) for node in page.select(f".of-guess-{name}")]


def test_a_guess_is_a_question_and_a_list_that_tells_right_from_wrong(book):
    book.write(GUESS % "one-thing")
    question, answers = built(book).select_one("#guess-one-thing.guess").find_all(
        recursive=False)
    assert question.get_text() == "Guess first. What comes first?" and question.em
    assert [[p.get_text() for p in item.select("p")] for item in answers.select("li")] == [
        ["One.", "Not so. Not that."], ["Two.", "Right. That is it."],
        ["Three.", "Not so. Nor that."]]


def test_a_guess_takes_the_results_of_its_tab_and_section_up_to_the_next(book):
    book.write(
        "## One\n\n" + CELLS % ("before", "before")
        + f'+++ {{"tab": "a"}}\n{GUESS % "x"}\n{{.result}}\nSaid in a.\n\n'
        '+++ {"tab": "b"}\n{.result}\nSaid in b.\n\n+++\n\nProse.\n\n'
        + CELLS % ("first", "first") + GUESS % "y" + "\n" + CELLS % ("second", "second")
        + "::::{container} result\nA paragraph.\n\n{.result}\nAnother.\n::::\n\n"
        "### Inner\n\n{.result}\nInner.\n\n"
        "```{schedule} mlp\n```\n\n"
        "## Two\n\n{.result}\nOuter.\n\n" + CELLS % ("last", "last"))
    page = built(book)
    assert results(page, "x") == ["Said in a.", "first of a"]
    *texts, model = results(page, "y")
    assert texts == ["second of a", "second of b", "A paragraph. Another.", "Inner."]
    assert "Nothing was measured" in model  # else its readings, which tell what was asked
    assert len(page.select("[class*=of-guess]")) == 7
    assert page.select(".of-guess-y .schedule")


@pytest.mark.parametrize("body, message", [
    (GUESS.replace("\n* Three.\n\n  Nor that.\n", "") % "x", "three or four answers"),
    (GUESS.replace("\n  Nor that.\n", "") % "x", "three or four answers"),
    (GUESS.replace("What comes *first*?\n", "") % "x", "a paragraph that asks"),
    (GUESS.replace(":right: 2\n", "") % "x", ":right:` 1 to 3"),
    (GUESS.replace(":right: 2", ":right: 4") % "x", ":right:` 1 to 3"),
    (GUESS % "x" + "\n" + GUESS % "x", "guess-x"),
    ("{gloss}`strem`", "glossary.tsv explains no 'strem'"),
    ("{gloss}`host`", "glossary.tsv explains no 'host'"),
])
def test_what_is_wrong_is_said(book, body, message):
    book.write(body)
    done = book.build()
    assert done.returncode and message in done.stderr


@pytest.mark.parametrize("language, meaning, say, word, other", [
    ("en", "A queue <of> sorts.", "In Vietnamese:", "dòng", "vi"),
    ("vi", "Một hàng đợi.", "In Vietnamese:", "stream", "en")])
def test_a_term_carries_its_meaning_and_its_word_in_the_other_language(
        book, language, meaning, say, word, other):
    conf = book.folder / "conf.py"
    conf.write_text(conf.read_text() + f'language = "{language}"\n')
    book.write("Many {gloss}`streams <stream>`.")
    term = built(book).select_one("p .gloss")
    assert term.get_text() == "streams"
    assert {name: term[f"data-{name}"] for name in ("meaning", "say", "word", "language")} == {
        "meaning": meaning, "say": say, "word": word, "language": other}


def test_another_meaning_is_read_again(book):
    book.write("A {gloss}`stream`.")
    built(book)
    (book.folder / "glossary.tsv").write_text(GLOSSARY.replace("sorts", "kinds"), "utf-8")
    assert built(book).select_one(".gloss")["data-meaning"] == "A queue <of> kinds."


def test_an_ebook_has_the_words_alone(book):
    book.write("A {gloss}`stream`.\n\n" + GUESS % "x")
    done = book.build("-Dcopyright=A", "-Dversion=1", builder="epub", doctrees="trees")
    assert done.returncode == 0, done.stderr
    page = (book.folder / "out" / "index.xhtml").read_text("utf-8")
    assert "stream" in page and "data-" not in page and "learn.js" not in page
    assert "That is it." in page


@pytest.mark.parametrize("body, needed", [
    (GUESS % "x", True), ("A {gloss}`stream`.", True), ("{.exercise}\n## Exercise\n\nTry.", True),
    ("Nothing of it.", False)])
def test_a_page_that_needs_the_script_has_it_with_its_words(book, body, needed):
    book.write(body)
    scripts = [script for script in built(book).select("script[src]") if re.search(
        r"/learn\.js", script["src"])]
    assert len(scripts) == needed
    for script in scripts:
        assert json.loads(script["data-words"])["result"] == "Show the result"
