"""The list of ids that sections had before they had labels."""
import pytest
from sphinx.errors import ConfigError

from book import addresses


def test_rows_are_read_with_their_lines_and_no_file_is_no_row(tmp_path):
    assert addresses.load(tmp_path / "addresses.tsv") == []
    file = tmp_path / "addresses.tsv"
    file.write_text("# words\n\nchương/một\ts1\tsec_a\nindex\ts1\tsec_a\n", "utf-8")
    assert addresses.load(file) == [("chương/một", "s1", "sec_a", 3), ("index", "s1", "sec_a", 4)]


@pytest.mark.parametrize("row, words", [
    ("index\ts2", "a row is a page, an old id and a label"),
    ("index\t\tsec_b", "a row is a page"),
    ("index\ts 2\tsec_b", "a row is a page"),
    ("index\ts2\tsec_b\tmore", "a row is a page"),
    ("index\ts1\tsec_b", "line 1 says already where the id 's1' of index leads"),
])
def test_a_bad_row_is_refused_with_its_line(tmp_path, row, words):
    file = tmp_path / "addresses.tsv"
    file.write_text(f"index\ts1\tsec_a\n{row}\n")
    with pytest.raises(ConfigError, match=words) as caught:
        addresses.load(file)
    assert str(caught.value).startswith("addresses.tsv:2: ")
