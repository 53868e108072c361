"""What the search keeps of a written page."""
import pytest

from book.search import page_entries, plain


@pytest.mark.parametrize("latex, text", [
    ("(T_1 + T_2) / T_{12}", "(T₁ + T₂) / T₁₂"), ("n^2", "n²"), ("x_{i-1}", "xᵢ₋₁"),
    ("a_{ij}^{-1}", "aᵢⱼ⁻¹"), ("k", "k"), (r"a_{\text{max}}", r"a_{\text{max}}"), ("q_Q", "q_Q"),
    ("", "")])
def test_a_formula_is_a_line_of_text(latex, text):
    assert plain(latex) == text


def entries(body):
    return page_entries(f'<div role="main"><section id="one"><h1><span class="section-number">'
                        f'1.3. </span>One</h1>{body}</section></div>', "p.html")


def test_a_section_has_its_number_or_that_of_the_one_around_it():
    sections = entries('<section id="two"><h2><span class="section-number">1.3.2. </span>Two</h2>'
                    '<section id="three"><h3>Three</h3></section></section>')
    assert [(entry["number"], entry["title"]) for entry in sections] == [
        ("1.3", "One"), ("1.3.2", "Two"), ("1.3.2", "Three")]
    assert sections[2]["crumbs"] == ["One", "Two"]
    [entry] = page_entries('<p role="main"><section id="a"><h1>A</h1></section></p>', "p.html")
    assert "number" not in entry


def test_furniture_of_a_page_is_not_its_text():
    [entry] = entries(
        '<nav>Notebook</nav><div class="tip admonition"><p class="admonition-title">In this page'
        '</p><p>You learn.</p></div><label>Slots <input><output>4</output></label>'
        '<p>Let <math alttext="T_{12}"><mi>T</mi><mn>12</mn></math> be the time.</p>'
        '<button>Run</button><details class="hide"><summary>Code</summary></details>')
    assert entry["parts"] == [["", "prose", "You learn. Let T₁₂ be the time."]]


def test_numbers_that_a_cell_printed_are_no_prose():
    [entry] = entries(
        '<div class="cell_output"><p>It took 3 ms.</p><table><tr><th>lane</th><th>busy</th></tr>'
        '<tr><td>cpu(0)</td><td></td></tr></table><p><a href="t.json">Trace</a></p></div>'
        '<table><tr><td>To wait</td><td>waitall</td></tr></table>')
    assert entry["parts"] == [
        ["", "prose", "It took 3 ms."], ["", "code", "lane · busy · cpu(0) · Trace"],
        ["", "prose", "To wait · waitall"]]


def test_what_prose_emphasizes_is_a_term_of_its_section():
    [entry] = entries(
        '<p>Queues, called <em>streams</em> and <em>a\nmark</em> <span class="bibtex-citation">['
        'Li <em>et al.</em>]</span></p><pre><em>x</em></pre>'
        '<div class="cell_output"><p><em>cpu(1)</em> worked.</p></div>')
    assert entry["terms"] == ["streams", "a mark"]
