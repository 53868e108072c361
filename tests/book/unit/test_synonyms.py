"""The list of names of one thing, which the search reads."""
from pathlib import Path
from unicodedata import normalize

import pytest
from conftest import ROOT
from sphinx.errors import ConfigError

from book import synonyms
from tools import parity


def test_rows_hold_each_name_once_and_no_file_is_no_row(tmp_path):
    assert synonyms.load(tmp_path / "synonyms.tsv") == []
    file = tmp_path / "synonyms.tsv"
    file.write_text("# words\n\nbus; memory bus\tbus;băng thông\ta note\n"
                    + normalize("NFD", "thread\tluồng\n"), "utf-8")
    assert synonyms.load(file) == [(("bus", "memory bus", "băng thông"), 3),
                                   (("thread", "luồng"), 4)]


@pytest.mark.parametrize("row, words", [
    ("one", "a row is names in English, a tab"),
    ("one\t ; ", "a row is names in English"),
    ("\tmột", "a row is names in English"),
    ("one\tsao chép; speed up", "'speed up' stands in synonyms.tsv:1 too"),
    ("SPEED-UP\tmột", "'SPEED-UP' stands in synonyms.tsv:1 too"),
])
def test_a_bad_row_is_refused_with_its_line(tmp_path, row, words):
    file = tmp_path / "synonyms.tsv"
    file.write_text(f"speedup\tmức tăng tốc\n{row}\n", "utf-8")
    with pytest.raises(ConfigError, match=words) as caught:
        synonyms.load(file)
    assert str(caught.value).startswith("synonyms.tsv:2: ")
    assert parity.names_of_one_thing(file) == [str(caught.value)]


def test_the_books_own_list_is_sound():
    assert parity.names_of_one_thing(ROOT / synonyms.FILE) == []
    assert len(synonyms.load(Path(ROOT, synonyms.FILE))) > 50
