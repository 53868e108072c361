"""What conf.py and config.ini say of pages in D2L's dialect, and the command that prints one."""
from pathlib import Path

import pytest
from sphinx.config import Config
from sphinx.errors import ConfigError
from test_settings import config as project_config, refusal

from tabcells.__main__ import main
from tabcells.d2l import Dialect
from tabcells.d2l.project import adopt, dialect_of

INI = "[build]\ntabs = b, a ,c\nnotebooks = *.md */*.md\nexclusions = README.md */no*.md\n"
TAB = {"label": "A", "kernel": "k"}


def adopted(folder, ini=INI, **values) -> Config:
    if ini:
        (folder / "config.ini").write_text(ini)
    config = project_config(**{"tabcells_tabs": {"a": TAB, "b": TAB}, **values})
    config.add("myst_enable_extensions", [], "env", [list, set])
    adopt(config, Path(folder))
    return config


def test_the_file_says_the_order_of_tabs_the_default_and_the_pages(tmp_path):
    config = adopted(tmp_path, tabcells_d2l={"without": ["c"]})
    assert list(config.tabcells_tabs) == ["b", "a"]
    assert config.include_patterns == ["*.md", "*/*.md"]
    assert config.exclude_patterns == ["README.md", "*/no*.md"]
    assert config.myst_enable_extensions == {"dollarmath"}
    assert dialect_of(config, "x/y.md", "# T") == Dialect("b", frozenset("c"))


def test_conf_py_comes_first(tmp_path):
    config = adopted(tmp_path, tabcells_d2l={"default": "a", "pages": ["x/*"]},
                     include_patterns=["x/*"], tabcells_pages={"x/z*": {"without": ["b"]}})
    assert config.include_patterns == ["x/*"]
    assert dialect_of(config, "x/y.md", "# T") == Dialect("a")
    assert dialect_of(config, "x/z.md", "# T") == Dialect("a", frozenset("b"))
    assert dialect_of(config, "y.md", "# T") is None
    assert dialect_of(config, "x/y.ipynb", "{}") is None
    assert dialect_of(config, "x/y.md", "---\nfile_format: mystnb\n---\n# T") is None


def test_without_the_setting_nothing_changes(tmp_path):
    config = adopted(tmp_path)
    assert list(config.tabcells_tabs) == ["a", "b"] and config.exclude_patterns == []
    assert dialect_of(config, "x/y.md", "# T") is None


@pytest.mark.parametrize("ini, about, words", [
    ("", {"pages": ["**"]}, "the default tab, '', is not in tabcells_tabs"),
    (INI.replace("b, a", "c, a"), {"pages": ["**"]}, "the default tab, 'c', is not in"),
    ("tabs = a\n", {"pages": ["**"]}, "config.ini, which tabcells_d2l reads, can't be read: File"),
])
def test_a_project_that_can_not_work_is_refused(tmp_path, ini, about, words):
    with pytest.raises(ConfigError, match=words):
        adopted(tmp_path, ini, tabcells_d2l=about)


@pytest.mark.parametrize("name, value, words", [
    ("d2l", {"page": ["**"]}, "tabcells_d2l has no 'page'; did you mean 'pages'?"),
    ("d2l", {"default": 3}, "tabcells_d2l: default is a text, got 3"),
    ("d2l", {"without": "jax"}, "tabcells_d2l: without is a list of texts, got 'jax'"),
    ("folder", {"link": []}, "tabcells_folder has no 'link'; did you mean 'links'?"),
    ("folder", {"links": ["../x"]},
     "tabcells_folder: links is a list of paths within the source folder, got ['../x']"),
    ("folder", {"start": "here"},
     "tabcells_folder: start is 'here'; it may be 'root', 'page'"),
    ("pages", {"*": "off"}, "tabcells_pages['*'] takes names with values, such as "
     "{'execution': 'off'}; got 'off'"),
    ("pages", {"*": {"timeouts": 3}},
     "tabcells_pages['*'] has no 'timeouts'; did you mean 'timeout'?"),
    ("pages", {"*": {"timeout": 0}}, "tabcells_pages['*']: timeout is a positive number, got 0"),
    ("pages", {"*": {"execution": "on"}},
     "tabcells_pages['*']: execution is 'on'; it may be 'cache', 'force', 'off'"),
])
def test_what_the_settings_refuse(name, value, words):
    assert refusal(**{name: value}) == words


def test_the_command_prints_a_page_as_myst_where_config_ini_lies_above(tmp_path, capsys):
    (tmp_path / "config.ini").write_text(INI)
    (tmp_path / "one").mkdir()
    page = tmp_path / "one" / "page.md"
    page.write_text("# T\n:label:`x`\n\nSee :no:`x`.\n\n```{.python .input}\n1\n```\n"
                    "```{.python .input}\n#@tab a\n2\n```\n")
    assert main(["d2l", str(page)]) == 0
    printed = capsys.readouterr()
    assert printed.out == (
        "---\nfile_format: mystnb\n---\n\n(x)=\n# T\n\nSee :no:`x`.\n\n"
        "```{code-cell} python\n:tab: b\n\n1\n```\n\n```{code-cell} python\n:tab: a\n\n2\n```\n")
    assert printed.err == "one/page.md:4: :no:`x`: there is no role 'no'\n"


def test_the_command_wants_a_project(tmp_path, capsys):
    page = tmp_path / "page.md"
    page.write_text("x")
    assert main(["d2l", str(page)]) == 2
    assert "neither conf.py nor config.ini" in capsys.readouterr().err
