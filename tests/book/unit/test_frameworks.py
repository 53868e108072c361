"""frameworks/NAME.toml: what a description must say, and who takes what from it."""
import pytest
from conftest import PAGES, ROOT, TABS, pages_with_cells
from sphinx.errors import ConfigError

from book import frameworks
from book.frameworks import read, tabs
from book.takealong.needs import pins
from tools.claims import CLAIMS

GOOD = """order = {}
label = "Stub"
kernel = "stub"
module = "json"
versions = ["one"]
python = ["3.9", "3.14"]
pinned = []
gpus = "[]"
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "kernels" / "stub").mkdir(parents=True)
    (tmp_path / "kernels" / "stub" / "kernel.json").write_text("{}")
    (tmp_path / "frameworks").mkdir()
    return tmp_path


def test_tabs_are_made_of_the_descriptions_in_their_order(folder):
    assert tabs(folder) == {}
    (folder / "frameworks" / "a.toml").write_text(GOOD.format(2))
    (folder / "frameworks" / "b.toml").write_text(GOOD.format(1))
    same = {"label": "Stub", "kernel": "stub", "packages": ["one"]}
    assert tabs(folder) == {"b": same, "a": same} and list(tabs(folder)) == ["b", "a"]


@pytest.mark.parametrize("old, new, words", [
    ('label = "Stub"', "", "lacks 'label', a text"),
    ('label = "Stub"', 'label = " "', "'label' is a text, got ' '"),
    ('gpus = "[]"', 'gpus = "[]"\nlable = "x"', "there is no key 'lable', but order, label, kern"),
    ("order = 1", "order = '1'", "'order' is a whole number, got '1'"),
    ("order = 1", "order = ", "Invalid value"),
    ('"3.9", ', "", "'python' is the first and the last Python"),
    ('["one"]', '"one"', "'versions' is a list of names, got 'one'"),
    ('kernel = "stub"', 'kernel = "sutb"', "there is no kernel 'sutb', kernels/sutb/kernel.json"),
    ('gpus = "[]"', 'gpus = "[]"\ncuda = {package = "a"}', "'cuda' is a package and its first"),
    ('gpus = "[]"', 'gpus = "[]"\ncuda = {package = "a", capabilities = ["5"]}', "'cuda' is a pac"),
    ('gpus = "[]"', 'gpus = "[]"\nstartup = {en = 1}', "'startup' is a text by language")])
def test_what_is_wrong_is_said_with_the_files_name(folder, old, new, words):
    text = GOOD.format(1)
    assert old in text
    (folder / "frameworks" / "a.toml").write_text(text.replace(old, new))
    with pytest.raises(ConfigError) as caught:
        read(folder)
    assert str(caught.value).startswith("frameworks/a.toml: ") and words in str(caught.value)


def test_a_kernel_that_runs_something_first_needs_words_for_it(folder):
    (folder / "frameworks" / "a.toml").write_text(GOOD.format(1))
    (folder / "kernels" / "stub" / "startup.py").write_text("")
    with pytest.raises(ConfigError, match=r"a\.toml: needs 'startup'"):
        read(folder)


def test_the_books_own_pin_what_requirements_pin_and_hold_every_claims_framework():
    known, versions = frameworks.read(ROOT), pins(ROOT)
    assert {claim.framework for claim in CLAIMS} - {""} <= set(known)
    for framework in known.values():
        assert set(framework.pinned) <= set(versions), framework.name
        assert not framework.cuda or framework.cuda["package"] in pins(
            ROOT, "requirements-gpu.txt")
        assert not framework.startup or set(framework.startup) == {"vi", "en"}


def test_the_tests_find_a_new_page_by_themselves(tmp_path):
    cell = "```{code-cell} python\nx\n```\n"
    for name in ("b.md", "b.en.md", "a.md", "a.en.md", "new.md", "new.en.md", "alone.en.md"):
        (tmp_path / name).write_text(cell)
    for name in ("prose.md", "prose.en.md"):
        (tmp_path / name).write_text("Words.\n")
    (tmp_path / "index.md").write_text("```{toctree}\nb\na\nprose\n```\n")
    assert pages_with_cells(tmp_path) == ("b", "a", "new")
    assert len(PAGES) > 1 and list(TABS) == list(frameworks.read(ROOT))
