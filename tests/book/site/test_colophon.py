"""The page "How this was built" of the real book, and its status.json."""
import json
import re

import pytest
from conftest import CHAPTER, LANGUAGES, PAGES, ROOT, TABS_OF
from jsonschema import validate
from parsed import on_parsed_pages, tree

from tabcells.words import moment

pytestmark = on_parsed_pages


def status(site, language):
    return json.loads((site / language / "status.json").read_text("utf-8"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_status_keeps_its_schema_and_names_every_run(site, language):
    found = status(site, language)
    validate(found, json.loads((ROOT / "book" / "status.schema.json").read_text("utf-8")))
    assert {page["page"] for page in found["pages"]} >= {f"{CHAPTER}/{name}" for name in PAGES}
    for page in found["pages"]:
        assert [run["tab"] for run in page["runs"]] == list(
            TABS_OF[page["page"].rpartition("/")[2]])
        for run in page["runs"]:
            assert run["cells"] > 0 and run["seconds"] > 0 and run["versions"]
            assert not run["errors"]


def test_both_languages_tell_of_the_same_runs(site):
    vi, en = (status(site, language)["pages"] for language in LANGUAGES)
    assert vi == en


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_shows_what_status_says(site, language):
    page = tree(site / language / "colophon.html")
    shown = re.sub(r"\s+", " ", page.article.get_text())
    found = status(site, language)
    runs = [run for part in found["pages"] for run in part["runs"]]
    assert found["source"] in shown
    for run in runs:
        assert moment(run["date"], language) in shown
        assert str(next(iter(run["versions"].values()))) in shown
        for cell in run["skipped"]:
            assert cell["reason"].split(":")[0] in shown
    kept = "kết quả giữ lại từ lần chạy trước" if language == "vi" else "kept from an earlier run"
    assert shown.count(kept) == sum(not run["fresh"] for run in runs)
    for part in found["pages"]:
        assert page.select_one(f'article a[href^="{part["page"]}.html"]')
    assert page.select_one('article a[href="status.json"]')
