"""The sources: slips that can be tested.  That twins are equal: tests/unit/test_parity.py."""
import re

import pytest
from conftest import CHAPTER, PAGES, ROOT, TABS, TABS_OF

from tabcells.page.split import split


def twin(page):
    folder = ROOT / CHAPTER
    return [(folder / f"{page}{suffix}").read_text("utf-8") for suffix in (".md", ".en.md")]


@pytest.mark.parametrize("page", PAGES)
def test_code_fits_a_page(page):
    for text in twin(page):
        cells = split(text, "page", list(TABS)).notebook.cells
        assert max(len(line) for c in cells if c.cell_type == "code"
                   for line in c.source.split("\n")) <= 78


def test_slips_of_the_original_stay_corrected():
    for text in twin("auto-parallelism"):
        code = {tab: "\n".join(c.source for c in split(text, "p", list(TABS)).notebook.cells
                               if c.cell_type == "code" and c.metadata["tab"] == tab)
                for tab in TABS_OF["auto-parallelism"]}
        for cells in (code["mxnet"], code["pytorch"]):  # the original's
            assert len(re.findall(r"\bn_products = ", cells)) == 1  # slip 1
            warm = cells.index("warm up both devices")  # slip 2
            assert "run(x_gpu1)" in cells[warm - 30:warm]
            assert "run(x_gpu2)" in cells[warm:warm + 60]
        assert "torch.cuda.synchronize()" not in code["pytorch"]  # slip 3
        assert "wait_event" in code["pytorch"] and "pin_memory" in code["pytorch"]  # slip 4
        assert "nsys profile -t cuda,nvtx,osrt" in text and "CIDA" not in text  # slips 9, 10
        assert "OMP" in text or "OpenMP" in text  # slip 6
        # Slip 8 and numbers in prose: no measured time may stand in a sentence.
        prose = re.sub(r"```.*?```", "", text, flags=re.S)
        assert not re.search(r"\d+[.,]\d+ ?(s|sec|seconds|giây|ms)\b", prose)


def test_figures_are_what_their_source_draws(tmp_path):
    import shutil
    import subprocess
    import sys
    shutil.copytree(ROOT / "img", tmp_path / "img")
    for drawing in (tmp_path / "img").glob("*.svg"):
        drawing.unlink()
    shutil.copytree(ROOT / "evidence", tmp_path / "evidence")
    subprocess.run([sys.executable, "-m", "img.figures"], cwd=tmp_path, check=True)
    for name in ("twogpu.svg", "asyncgraph.svg"):
        assert (tmp_path / "img" / name).read_bytes() == (ROOT / "img" / name).read_bytes()


def test_nothing_reaches_outside_the_repository():
    import subprocess
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True,
                           check=True).stdout.split()
    outside = "../" + "shared"
    for name in files:
        if name.endswith((".py", ".md", ".json", "Makefile", "run", ".txt")):
            text = (ROOT / name).read_text("utf-8")
            assert outside not in text and not re.search(r"(?<!_build)/" + "work/", text), name
