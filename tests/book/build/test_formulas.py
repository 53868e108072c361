"""Formulas are MathML in the page, and a wrong one stops the build."""
import re
from xml.etree import ElementTree

import pytest

MATHML = "{http://www.w3.org/1998/Math/MathML}"


@pytest.fixture
def book(project):
    conf = project.folder / "conf.py"
    conf.write_text(conf.read_text() + (
        'extensions += ["book"]\nhtml_math_renderer = "mathml"\nlanguage = "en"\n'
        'myst_enable_extensions += ["dollarmath"]\nepub_show_urls = "no"\n'))
    return project


def test_formulas_need_no_script_on_the_site_or_in_an_e_book(book):
    book.write("Inline $x^2$.\n\n$$\n\\frac{T_1 + T_2}{\\max(T_1, T_2)} \\le 2\n$$ (limit)\n\n"
               "See {eq}`limit`.\n")
    done = book.build()
    assert done.returncode == 0, done.stderr
    html = book.html()
    assert 'alttext="x^2"' in html and "<msup>" in html
    assert "<mfrac>" in html and "mathjax@" not in html and "(1)" in html
    assert html.count('id="equation-limit"') == 1 and 'href="#equation-limit"' in html
    done = book.build("-Dversion=1", "-Dcopyright=-", builder="epub", out="out-epub",
                      doctrees="out-trees")
    assert done.returncode == 0, done.stderr
    page = ElementTree.parse(book.folder / "out-epub" / "index.xhtml")
    assert page.find(f".//{MATHML}mfrac") is not None
    assert 'href="index.xhtml" media-type="application/xhtml+xml" properties="mathml"' in (
        book.folder / "out-epub" / "content.opf").read_text()


def test_a_command_that_is_not_known_stops_the_build_with_its_line_and_stays_latex(book):
    book.write("Fine.\n\nWrong: $\\foo <x>$.\n")
    done = book.build()
    assert done.returncode and "index.md:" in done.stderr
    assert "WARNING: formula '\\\\foo <x>': Error: Unknown command" in done.stderr
    assert '<code class="formula">\\foo &lt;x&gt;</code>' in book.html()


@pytest.mark.parametrize("latex, element", [
    ("a &= b \\\\ c &= d", "mtr"), ("a \\\\ b", "mtr"),  # rows without an environment
    ("x^{\\textrm{$n$ times}}", "mtext"),  # a formula within text
    ("{n \\choose k}", "mfrac"), ("\\stackrel{a}{=}", "mover"),
    ("f(x) = \\max(a, b)", "mi"), ("10\\ pm\\ ", "mn")])
def test_what_books_write_becomes_mathml_that_xml_can_hold(book, latex, element):
    book.write(f"$$\n{latex}\n$$\n")
    done = book.build()
    assert done.returncode == 0, done.stderr
    formula = book.html().partition("<math")[2].partition("</math>")[0]
    tree = ElementTree.fromstring(f"<math{formula}</math>")
    assert tree.find(f".//{MATHML}{element}") is not None and tree.get("display") == "block"
    assert not [table for table in tree.iter(f"{MATHML}mtable") if "scriptlevel" in table.attrib]


def test_a_prime_is_not_raised_twice(book):
    book.write("$f'(x)$ and $x^2$\n")
    assert book.build().returncode == 0
    prime, square = re.findall("<math.*?</math>", book.html())
    assert "<msup>" not in prime and "′" in prime and "<msup>" in square
