"""A tiny book, live: its cells in stub kernels, by a browser."""
import re

import psutil
import pytest
from playwright.sync_api import expect

from tests.live.server import PUBLISHED, book, live, reading, serving  # noqa: F401

#: One worker serves the book of all these tests.
pytestmark = pytest.mark.xdist_group("live")
@pytest.fixture
def reader(live, browser):
    with reading(browser, live) as reader:
        yield reader


def begin(reader, cell, code):
    """Run ``code``, which prints "began" and goes on, in the place of a cell's own."""
    reader.press(cell, "Edit")
    cell.locator("textarea").fill(code)
    reader.press(cell, "Run")
    expect(cell.locator(".live-output")).to_contain_text("began")


def test_a_kernel_starts_at_the_first_run_and_each_tab_has_its_own(live, reader):
    assert not live.kernels()
    first = reader.cell("a", 0)
    output = reader.run(first, "x = 1; import os; print('own', os.environ['STUB'])")
    assert output.inner_text().strip() == "own environment of a"
    assert len(live.kernels()) == 1
    expect(first.locator(".cell_output", has_text=PUBLISHED)).to_be_hidden()
    assert reader.run(reader.cell("a", 1)).inner_text().strip() == "1"
    reader.choose("b")
    assert reader.run(reader.cell("b", 1), above="Only this cell").inner_text().strip() == "False"
    assert len(live.kernels()) == 2


def test_the_cells_above_run_first_on_request(reader):
    second = reader.cell("a", 1)
    reader.press(second, "Run")
    expect(second.locator(".live-question")).to_contain_text("1")
    expect(second.get_by_role("button", name="Run them first")).to_be_focused()
    reader.page.keyboard.press("Enter")
    reader.ended(second, "done")
    expect(second.get_by_role("button", name="Run", exact=True)).to_be_focused()
    assert reader.cell("a", 0).locator(".live-output > div").inner_text().strip() == PUBLISHED
    assert second.locator(".live-output > div").inner_text().strip() == "42"
    reader.run(second)  # is not asked again


def test_what_stands_above_an_error_runs_and_what_is_below_does_not(reader):
    last = reader.cell("a", 3)
    reader.press(last, "Run")
    reader.press(last, "Run them first")
    reader.ended(last, "stopped")
    failed = reader.cell("a", 2)
    reader.ended(failed, "error")
    expect(failed.locator(".live-output .traceback")).to_contain_text("ZeroDivisionError")
    assert "\x1b" not in failed.locator(".live-output").inner_text()
    expect(last.locator(".live-output")).to_have_count(0)
    reader.press(last, "Run")
    expect(last.locator(".live-question")).to_contain_text("1")  # the one that failed


def test_code_is_edited_run_by_keys_and_published_again(reader):
    first = reader.cell("a", 0)
    reader.press(first, "Edit")
    code = first.locator("textarea")
    expect(code).to_be_focused()
    expect(code).to_have_value("x = 6 * 7\nprint('first of a')")
    code.fill("print('edited')")
    code.press("Control+Enter")
    expect(first.locator(".live-output")).to_contain_text("edited")
    expect(first.locator(".highlight").first).to_be_hidden()
    reader.press(first, "Back to the published output")
    expect(code).to_have_count(0)
    expect(first.locator(".live-output")).to_have_count(0)
    expect(first.locator(".cell_output")).to_have_text(re.compile(PUBLISHED))
    expect(first.locator(".cell_output")).to_be_visible()
    expect(first.get_by_role("button", name="Run", exact=True)).to_be_focused()
    assert reader.run(first).inner_text().strip() == PUBLISHED


def test_a_finger_runs_a_cell(live, browser):
    with reading(browser, live, has_touch=True, is_mobile=True,
                 viewport={"width": 360, "height": 740}) as reader:
        first = reader.cell("a", 0)
        first.get_by_role("button", name="Run", exact=True).tap()
        reader.ended(first, "done")
        expect(first.locator(".live-output")).to_contain_text(PUBLISHED)


def test_folded_code_can_be_run_folded_and_opens_to_be_edited(reader):
    reader.choose("b")
    last = reader.cell("b", 3)
    assert reader.run(last, above="Only this cell").inner_text().strip() == "last of b"
    expect(last.locator("pre").first).to_be_hidden()
    reader.press(last, "Edit")
    expect(last.locator("textarea")).to_be_focused()


def test_a_cell_is_stopped_and_so_are_those_that_wait(reader):
    first, second = reader.cell("a", 0), reader.cell("a", 1)
    reader.press(first, "Edit")
    first.locator("textarea").fill("import time\nprint('began')\nwhile True: time.sleep(.01)")
    reader.press(second, "Run")
    reader.press(second, "Run them first")
    expect(first.locator(".live-output")).to_contain_text("began")
    reader.ended(second, "waiting")
    reader.press(first, "Stop")
    reader.ended(first, "stopped")
    expect(first.locator(".live-output")).to_contain_text("KeyboardInterrupt")
    reader.ended(second, "stopped")
    assert reader.run(second, "print(7)", above="Only this cell").inner_text().strip() == "7"


def test_a_page_runs_one_cell_at_a_time(reader):
    first = reader.cell("a", 0)
    begin(reader, first, "import time\nprint('began')\nwhile True: time.sleep(.01)")
    reader.choose("b")
    other = reader.cell("b", 0)
    reader.press(other, "Run")
    reader.ended(other, "waiting")
    reader.choose("a")
    reader.press(first, "Stop")
    reader.ended(other, "done")


def test_a_restarted_kernel_has_forgotten(reader):
    first, second = reader.cell("a", 0), reader.cell("a", 1)
    reader.run(first)
    reader.run(second)
    reader.press(second, "Restart the kernel")
    reader.ended(second, "restarted")
    output = reader.run(second, status="error", above="Only this cell")
    expect(output).to_contain_text("NameError")
    reader.run(second, above="Run them first")


def test_a_restart_ends_what_runs(reader):
    first = reader.cell("a", 0)
    begin(reader, first, "print('began')\nwhile True: pass")
    reader.press(first, "Restart the kernel")
    reader.ended(first, "restarted")
    assert reader.run(first, "print('again')").inner_text().strip() == "again"


def test_a_kernel_that_dies_is_told_and_a_new_one_comes(reader):
    first = reader.cell("a", 0)
    reader.run(first, "import os; os._exit(1)", status="died")
    assert reader.run(first, "print('again')").inner_text().strip() == "again"


def test_outputs_are_those_of_a_notebook(reader):
    first = reader.cell("a", 0)
    output = reader.run(first, """
import sys
from IPython.display import HTML, SVG, clear_output, display
print('gone')
clear_output()
print('\\x1b[31mred\\x1b[0m', 'line')
print('10%\\r100%')
print('warning', file=sys.stderr)
display(HTML('<table><tr><td>cell</td></tr></table><script>document.title = "taken"</script>'))
display(SVG('<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect/></svg>'))
handle = display('before', display_id=True)
handle.update('after')
'value'""")
    expect(output.locator(".stream.stdout pre")).to_have_text("red line\n100%\n")
    expect(output.locator(".stream.stderr pre")).to_have_text("warning\n")
    expect(output.locator(".table-wrapper table.docutils td")).to_have_text("cell")
    expect(output.locator("svg rect")).to_have_count(1)
    expect(output.locator(".text_plain pre").first).to_have_text("'after'")
    expect(output.locator(".text_plain pre").last).to_have_text("'value'")
    assert reader.page.title() != "taken"
    expect(output.locator(".live-note")).to_have_text("Scripts of this output do not run here.")
    output = reader.run(first, """
from IPython.display import Latex, Markdown, display
display(Markdown('*formula* $x^2$ <script>document.title = "taken"</script>'))
display(Latex(r'$\\frac{1}{2}$'))
view = {'application/vnd.jupyter.widget-view+json': {'model_id': '1'}, 'text/plain': 'Slider()'}
display(view, raw=True)""")
    expect(output.locator("em")).to_have_text("formula")
    expect(output.locator("math msup, math[display=block] mfrac")).to_have_count(2)
    expect(output.locator(".live-note")).to_contain_text([
        "Scripts of this output do not run here.", "ipywidgets"])
    expect(output.locator("pre")).to_have_text("Slider()")
    output = reader.run(first, "for i in range(200_000): print(i)")
    expect(output.locator("pre").last).to_contain_text("199999")


def test_a_page_that_lacks_the_token_says_what_to_do(live, browser):
    with reading(browser, live, f"{live.origin}/book/") as reader:
        reader.run(reader.cell("a", 0), status="refused")
        expect(reader.cell("a", 0).locator(".live-status")).to_contain_text("make live")
    assert not live.kernels()


def test_the_token_leaves_the_address_and_serves_the_next_page(live, browser):
    with reading(browser, live) as reader:
        assert reader.page.url == f"{live.origin}/book/"
        assert not reader.page.context.cookies()
        reader.page.goto(f"{live.origin}/book/index.html")
        reader.run(reader.cell("a", 0))


def test_it_ends_with_ctrl_c_and_its_kernels_with_it(book, browser):
    site = book.folder / "out"
    with serving(book.folder, site, book.folder.parent / "ends") as server, \
            reading(browser, server) as reader:
        first = reader.cell("a", 0)
        reader.run(first)
        processes = server.processes()
        assert server.end() == 0
        psutil.wait_procs(processes, 60)
        assert not [process for process in processes if process.is_running()]
        reader.run(first, status="unreachable")


def test_it_says_that_there_is_no_book(tmp_path, capsys):
    from live.__main__ import main
    with pytest.raises(SystemExit, match="1"):
        main(["--site", str(tmp_path)])
    assert "make html" in capsys.readouterr().err
