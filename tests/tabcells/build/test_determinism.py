"""Two builds of the same sources are the same, byte for byte; an idle one rewrites no page."""
import pytest
from test_projects import cell

RICH = (cell("a", "print('NAME')") + cell("b", "print('NAME')") + "Words between.\n\n"
        + cell(None, "print('shared', sorted({'x', 'y', 'z'}))")
        + cell("a", "import sys, time\nfrom IPython.display import HTML, SVG, display\n"
                    "print('before'); sys.stdout.flush(); time.sleep(.4); print('after')\n"
                    "display(HTML('<b>bold</b>'))\n"
                    "display(SVG('<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\"></svg>'))\n"
                    "from myst_nb import glue\nglue('answer', {1: 'one'}, display=False)")
        + "Glued: {glue:}`a.answer`.\n\n" + '+++ {"tab": "b"}\n\nProse of tab b alone.\n\n+++\n\n')
CONF = """
extensions += ["book"]
myst_enable_extensions += ["attrs_block"]
book_began = "2026-01-01T00:00:00+00:00"
tabcells_provenance = "Ran on {processor}, {cores} cores."
"""


@pytest.fixture
def book(project):
    """Seven pages (Sphinx reads in parallel from six on), with the book's own extension."""
    conf = project.folder / "conf.py"
    conf.write_text(conf.read_text() + CONF)
    names = [f"trang-{i}" for i in range(5)] + ["Bài cuối"]
    contents = "```{toctree}\n" + "\n".join(names) + "\n```\n"
    project.write(RICH.replace("NAME", "contents") + contents)
    for name in names:  # one of them runs cells, as does the contents' page
        body = RICH.replace("NAME", name) if name == names[-1] else "Prose.\n"
        project.write("{.fold}\n## Folded\n\n" + body, f"{name}.md")
    return project


def files(folder):
    """{path: content} of what a reader gets; the runs' own moments are left out."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*")
            if file.is_file() and ".doctrees" not in file.parts
            and file.name not in (".buildinfo", "status.json", "measurements.json")}


def test_two_processes_two_hash_seeds_and_parallel_reading_are_byte_equal(book):
    """Each executes for itself: outputs are the kernels' own, not one's record read twice."""
    book.own_process = True
    for out, seed, options in (("out1", "1", ()), ("out2", "2", ("-j2",))):
        done = book.build(*options, "-D", f"tabcells_cache=_build/{out}", out=out,
                          PYTHONHASHSEED=seed)
        assert done.returncode == 0, done.stderr
        assert done.stdout.count("cell 1 of") == 4
    one, two = (files(book.folder / out) for out in ("out1", "out2"))
    assert len(one) > 25 and sorted(one) == sorted(two)
    assert [name for name in one if one[name] != two[name]] == []


def test_a_build_without_changes_rewrites_no_page(book):
    out = book.folder / "out"
    assert book.build().returncode == 0
    pages = {file: (file.stat().st_mtime_ns, file.read_bytes()) for file in out.rglob("*.html")
             if file.name not in ("search.html", "genindex.html")}  # Sphinx's own, of no source
    done = book.build()
    assert done.returncode == 0 and "0 added, 0 changed, 0 removed" in done.stdout
    assert pages == {file: (file.stat().st_mtime_ns, file.read_bytes()) for file in pages}
    assert len(pages) == 7
