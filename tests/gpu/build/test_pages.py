"""Every PyTorch cell of every page and download, on two GPUs, on one, on none: no fault."""
from functools import cache

import pytest
from conftest import PAGES, TABS_OF
from gpu.cells import Cell, Outcome
from gpu.cost import Machine
from gpu.pages import download_cells, page_cells

pytestmark = pytest.mark.xdist_group("gpu")
PYTORCH = [page for page in PAGES if "pytorch" in TABS_OF[page]]
CELLS = {"page": page_cells, "download": download_cells}
CASES = [pytest.param(page, number, gpus, id=f"{page}-{number}-{gpus} GPUs")
         for page in PYTORCH for number in range(len(page_cells(page, "pytorch")))
         for gpus in (2, 1, 0)]


@cache
def faults(page, form, gpus):
    """Of each cell, and of the cells that a download adds, by their code; runs them once."""
    from gpu import pytorch_pages
    cells = CELLS[form](page, "pytorch")
    outcomes = pytorch_pages.run(cells, Machine(gpus), shorter=True)
    return {cell.source: outcome.faults for cell, outcome in zip(cells, outcomes)}


@pytest.mark.parametrize("form", CELLS)
@pytest.mark.parametrize("page, number, gpus", CASES)
def test_a_cell_has_no_fault(page, number, gpus, form):
    pytest.importorskip("torch")
    sources = [cell.source for cell in page_cells(page, "pytorch")]
    by_code = faults(page, form, gpus)
    assert by_code[sources[number]] == []
    assert not any(by_code[source] for source in by_code.keys() - set(sources))


def test_a_simulated_page_says_so_beside_everything():
    pytest.importorskip("torch")
    from gpu.__main__ import html
    document = html("a-page", 1, [Cell("a-page.md", 1, "x < 1")], [
        Outcome(["12 ms\n", "tensor(1.)\n"], ["a-page.md:1: a fault"])])
    assert "<title>Simulated: a-page</title>" in document and "x &lt; 1" in document
    for text in ("12 ms", "tensor(1.)"):
        assert ("<small>Simulated, not measured: a model of a machine; its GPUs: 1.</small>"
                f"<pre>{text}") in document
    assert "<strong>a-page.md:1: a fault</strong>" in document
