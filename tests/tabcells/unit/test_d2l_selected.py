"""`if tab.selected(…)` in a cell's code: what each tab runs, by its syntax and not its looks."""
import ast
import textwrap

import pytest
from hypothesis import given, seed, settings, strategies as st

from tabcells.d2l.code import resolve

CLASS = """\
class Net(d2l.Module):  #@save
    \"\"\"Of tab.selected, in words.\"\"\"
    def __init__(self):
        if tab.selected('a', "b"):
            \"\"\"Doc,
            of two lines.\"\"\"
            self.x = \"\"\"one
  two\"\"\"
            # of a and b

        if tab.selected('c') or tab.selected('d'):
            self.x = 2
            if train: self.y = 3
    # after it

    if tab.selected('a'):
        @property
        def f(self):
            return 'ễ', 1 if tab.selected('a') else 2
"""

BRANCHES = """\
if x:
    a
elif tab.selected('a'):
    b
    # of a
elif y:
    c
else:
    if tab.selected('c'):
        d
"""


def test_a_class_gets_the_methods_of_its_tab():
    assert resolve(CLASS, "a") == """\
class Net(d2l.Module):  #@save
    \"\"\"Of tab.selected, in words.\"\"\"
    def __init__(self):
        \"\"\"Doc,
        of two lines.\"\"\"
        self.x = \"\"\"one
  two\"\"\"
        # of a and b

    # after it

    @property
    def f(self):
        return 'ễ', 1 if True else 2"""
    assert resolve(CLASS, "c") == """\
class Net(d2l.Module):  #@save
    \"\"\"Of tab.selected, in words.\"\"\"
    def __init__(self):

        self.x = 2
        if train: self.y = 3
    # after it"""


@pytest.mark.parametrize("tab, code", [
    ("a", "if x:\n    a\nelse:\n    b\n    # of a"),
    ("b", "if x:\n    a\nelif y:\n    c\nelse:\n    pass"),
    ("c", "if x:\n    a\nelif y:\n    c\nelse:\n    d"),
])
def test_of_branches_those_stay_that_may_run(tab, code):
    assert resolve(BRANCHES, tab) == code


@pytest.mark.parametrize("code, of_a, of_b", [
    ("if tab.selected('a'): x", "x", ""),
    ("if tab.selected('a'): x\nelse: y", "x", "y"),
    ("if tab.selected('a'):\n    x\nelif z:\n    y", "x", "if z:\n    y"),
    ("if z: x\nelif tab.selected('a'): y", "if z: x\nelse: y", "if z: x"),
    ("for i in x:\n    if tab.selected('a'):\n        y", "for i in x:\n    y",
     "for i in x:\n    pass"),
    ("if not tab.selected('a') and tab.selected(['b', 'c']):\n  x", "", "x"),
    ("if tab.selected('a') and z:\n    x", "if True and z:\n    x", ""),
    ("%pip install x\nif tab.selected('a'):\n    !ls", "%pip install x\n!ls", "%pip install x"),
    ("f(tab.selected('a'), 'ễ', tab.selected('b'))", "f(True, 'ễ', False)", "f(False, 'ễ', True)"),
    ("tab.interact_select('a',\n  'b')\nx", "x", "x"),
    ("if (  # one\n    tab.selected('a')\n):\n    # two\n    x", "# two\nx", ""),
    ("tab.select('a')", "tab.select('a')", "tab.select('a')"),
])
def test_each_form_of_a_selection_is_decided(code, of_a, of_b):
    assert (resolve(code, "a"), resolve(code, "b")) == (of_a, of_b)


@pytest.mark.parametrize("code", ["if tab.selected('a'", "tab.selected(x)", "tab.selected(1)",
                                  "f(tab.selected('a',\n'b'))"])
def test_what_can_not_be_decided_is_an_error(code):
    with pytest.raises(ValueError):
        resolve(code, "a")


@st.composite
def blocks(draw, depth=0):
    """Python in which each statement says its own number, some of them for some tabs alone."""
    lines = []
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from(["say", "tab", "not", "elif", "if"] if depth < 3 else ["say"]))
        if kind == "say":
            lines.append(f"say({draw(st.integers(0, 99))})")
            continue
        test = {"tab": "tab.selected('a', 'c')", "not": "not tab.selected('b')",
                "if": "flag", "elif": "not flag"}[kind]
        lines += [f"if {test}:", textwrap.indent(draw(blocks(depth + 1)), "    ")]
        if kind == "elif":
            lines += ["elif tab.selected('b'):", textwrap.indent(draw(blocks(depth + 1)), "    ")]
        if draw(st.booleans()):
            lines += ["else:", textwrap.indent(draw(blocks(depth + 1)), "    ")]
    return "\n".join(lines)


def said(code, **names):
    numbers = []
    exec(code, {"say": numbers.append, **names})
    return numbers


class Tab:
    def __init__(self, name):
        self.name = name

    def selected(self, *names):
        return self.name in names


@seed(20)
@settings(deadline=None, max_examples=100)
@given(blocks(), st.sampled_from("abc"), st.booleans())
def test_the_code_of_a_tab_does_what_the_whole_does_with_that_tab_selected(code, tab, flag):
    resolved = resolve(code, tab)
    assert "tab." not in resolved
    ast.parse(resolved)
    assert said(resolved, flag=flag) == said(code, flag=flag, tab=Tab(tab))
