"""Every check of the settings: one clear sentence that names the setting."""
import re
from dataclasses import fields

import pytest
from sphinx.config import Config
from sphinx.errors import ConfigError

from tabcells import settings

TAB = {"label": "A", "kernel": "k"}


class App:
    """As much of Sphinx's application as registers settings."""

    def __init__(self, overrides=None, **values):
        self.config = Config(values, overrides or {})

    def add_config_value(self, name, default, rebuild, types):
        self.config.add(name, default, rebuild, types)


def config(overrides=None, **values):
    app = App(overrides, **values)
    settings.register(app)
    return app.config


def refusal(**values):
    with pytest.raises(ConfigError) as caught:
        settings.read(config(**{f"tabcells_{name}": value for name, value in values.items()}))
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_without_a_word_in_conf_py_every_setting_has_its_default():
    read = settings.read(config())
    assert read == settings.Settings(states=settings.STATES)


def test_tabs_as_they_are_used():
    read = settings.read(config(tabcells_tabs={
        "b-1": {**TAB, "label": "Cái \"hai\" <b>", "packages": ["p"]}, "a_": TAB}))
    assert list(read.tabs) == ["b-1", "a_"]
    assert read.tabs["b-1"] == settings.Tab('Cái "hai" <b>', "k", ("p",))


@pytest.mark.parametrize("name", ["a b", 'a"b', "a'b", "", "ệ", "a.b", "a\n", "a/b", 3, None, True])
def test_names_of_tabs_that_html_or_yaml_can_not_hold(name):
    assert refusal(tabs={name: TAB}) == (
        f"tabcells_tabs[{name!r}]: the name of a tab has letters of ASCII, digits, - and _ alone "
        "(what readers see is its label)")


@pytest.mark.parametrize("tab, words", [
    ({}, "tabcells_tabs['a'] needs a label and a kernel, got {}"),
    ({"label": "A"}, "tabcells_tabs['a'] needs a label and a kernel, got {'label': 'A'}"),
    (["A", "k"], "tabcells_tabs['a'] needs a label and a kernel, got ['A', 'k']"),
    ("A", "tabcells_tabs['a'] needs a label and a kernel, got 'A'"),
    ({**TAB, "lable": 1}, "tabcells_tabs['a'] has no 'lable'; did you mean 'label'?"),
    ({**TAB, "x": 1}, "tabcells_tabs['a'] has no 'x'; there is kernel, label, packages"),
    ({**TAB, 3: 1}, "tabcells_tabs['a'] has no 3; there is kernel, label, packages"),
    ({**TAB, "label": ""}, "tabcells_tabs['a']: label is a text, got ''"),
    ({**TAB, "kernel": " "}, "tabcells_tabs['a']: kernel is a text, got ' '"),
    ({**TAB, "kernel": 3}, "tabcells_tabs['a']: kernel is a text, got 3"),
    ({**TAB, "packages": "numpy"}, "tabcells_tabs['a']: packages is a list of names, got 'numpy'"),
    ({**TAB, "packages": [3]}, "tabcells_tabs['a']: packages is a list of names, got [3]"),
])
def test_a_tab_that_is_not_whole(tab, words):
    assert refusal(tabs={"a": tab}) == words


@pytest.mark.parametrize("tabs", [[("a", TAB)], "a", None, 3])
def test_tabs_that_are_no_dictionary(tabs):
    assert refusal(tabs=tabs) == f"tabcells_tabs is of type dict, got {tabs!r}"


@pytest.mark.parametrize("name", [s.name for s in fields(settings.Settings)])
@pytest.mark.parametrize("value", [None, True, b"", object])
def test_no_setting_takes_a_value_of_another_type(name, value):
    assert refusal(**{name: value}).startswith(f"tabcells_{name} is of type ")


@pytest.mark.parametrize("name, value, words", [
    ("execution", "auto", "tabcells_execution is 'auto'; it may be 'cache', 'force', 'off'"),
    ("jobs", 0, "tabcells_jobs is a positive number, got 0"),
    ("timeout", -1.5, "tabcells_timeout is a positive number, got -1.5"),
    ("timeout", float("nan"), "tabcells_timeout is a positive number, got nan"),
    ("output_limit", 0, "tabcells_output_limit is a positive number, got 0"),
    ("output", "present", "tabcells_output is the dotted name of a function, `module.function`; "
                          "got 'present'"),
    ("kernels", "", "tabcells_kernels is the path of a folder, got ''"),
    ("cache", "", "tabcells_cache is the path of a folder, got ''"),
    ("states", {"nwe": "x"}, "tabcells_states has no 'nwe'; did you mean 'new'?"),
    ("states", {"new": 3}, "tabcells_states: new is a text, got 3"),
    ("states", {3: "x"}, "tabcells_states has no 3; there is kept, new, other"),
])
def test_values_that_can_not_work(name, value, words):
    assert refusal(**{name: value}) == words


@pytest.mark.parametrize("name, names", [
    ("cut", ["dropped", "limit"]), ("provenance", list(settings.PROVENANCE)), ("only", [""])])
@pytest.mark.parametrize("text", ["{nothing}", "{", "{} {}", "{1}", "{limit.x}", "{state.x}"])
def test_templates_that_can_not_be_filled_in(name, names, text):
    words = refusal(**{name: text})
    assert words.startswith(f"tabcells_{name} can't be filled in (")
    assert f"it may name {', '.join('{' + n + '}' for n in names)}, and" in words


class OfMystNb(App):
    """An application in which myst-nb has registered these settings too."""

    def __init__(self, overrides=None, **values):
        super().__init__(overrides, **values)
        for name, default in (("nb_execution_timeout", 30), ("nb_kernel_rgx_aliases", {})):
            self.config.add(name, default, "env", [])
        settings.register(self)


@pytest.mark.parametrize("overrides, values, seconds", [
    ({}, {}, 300), ({}, {"nb_execution_timeout": 30}, 30), ({"nb_execution_timeout": "7"}, {}, 7),
    ({}, {"nb_execution_timeout": 7, "tabcells_timeout": 300}, 300),
    *(({}, {name: value}, 300) for name in ("nb_execution_timeout", "execution_timeout")
      for value in (-1, 0, None, float("inf"))),
    ({}, {"nb_execution_timeout": -1, "tabcells_timeout": 7}, 7), ({}, {"execution_timeout": 7}, 7),
    ({"nb_execution_timeout": "-1"}, {}, 300), ({"execution_timeout": -1}, {}, 300),
    ({"tabcells_timeout": "300"}, {"nb_execution_timeout": 7}, 300)])
def test_the_time_limit_is_myst_nbs_where_that_alone_is_set(overrides, values, seconds):
    assert settings.read(OfMystNb(overrides, **values).config).timeout == seconds


def test_a_kernel_has_the_alias_that_myst_nb_gives_it():
    tabs = {"a": TAB, "b": {**TAB, "kernel": "kk"}}
    read = settings.read(OfMystNb(tabcells_tabs=tabs, nb_kernel_rgx_aliases={"k": "other"}).config)
    assert [tab.kernel for tab in read.tabs.values()] == ["other", "kk"]


@pytest.mark.parametrize("name, value, words", [
    ("nb_kernel_rgx_aliases", ["x"], "names of kernels to patterns, as in {'conda-.*': 'python3'}, "
                                     "got ['x']"),
    ("nb_kernel_rgx_aliases", {3: "x"}, "names of kernels to patterns"),
    ("nb_kernel_rgx_aliases", {"k": 3}, "names of kernels to patterns"),
    ("nb_kernel_rgx_aliases", {"(": "k"}, "nb_kernel_rgx_aliases: '(' is no regular expression")])
def test_settings_of_myst_nb_that_can_not_hold_for_tabs(name, value, words):
    with pytest.raises(ConfigError, match=re.escape(words)):
        settings.read(OfMystNb(tabcells_tabs={"a": TAB}, **{name: value}).config)


def test_states_that_are_not_given_keep_their_words():
    states = settings.read(config(tabcells_states={"new": "fresh"})).states
    assert states == {**settings.STATES, "new": "fresh"}


@pytest.mark.parametrize("where", ["conf.py", "-D"])
@pytest.mark.parametrize("name, words", [
    ("tabcells_tab", "there is no setting 'tabcells_tab'; did you mean 'tabcells_tabs'?"),
    ("tabcells_exection", "there is no setting 'tabcells_exection'; did you mean "
                          "'tabcells_execution'?"),
    ("tabcells_", "there is no setting 'tabcells_'; did you mean 'tabcells_"),
])
def test_a_setting_that_there_is_not(where, name, words):
    given = {name: "x"}
    known = config(given) if where == "-D" else config(**given)
    with pytest.raises(ConfigError) as caught:
        settings.refuse_unknown(known)
    assert str(caught.value).startswith(words)


def test_settings_that_there_are_and_those_of_others_pass():
    settings.refuse_unknown(config({"tabcells_states.new": "x", "other_x": "y"},
                                   tabcells_tabs={}, html_x=3))
