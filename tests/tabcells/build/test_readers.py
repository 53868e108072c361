"""myst-nb reads a page with tabs by our reader: in each of its versions, and no other page."""

CELL = '```{code-cell} python\n:tab: a\nprint("of a")\n```\n'


def test_a_format_of_the_project_keeps_its_pages_and_takes_none_with_tabs(project):
    (project.folder / "conf.py").open("a").write(
        'import sys; sys.path.insert(0, "project")\n'
        'nb_custom_formats = {".md": "reader.read", ".note": "reader.read"}\n'
        'tabcells_execution = "off"\n')
    (project.folder / "reader.py").write_text(
        "import nbformat\ndef read(text):\n    return nbformat.v4.new_notebook(cells=["
        "nbformat.v4.new_markdown_cell('# Other\\n\\nread by the project')])\n")
    project.write(CELL + "\n```{toctree}\nlast\nplain\n```\n")
    project.write("Text.", "last.md")
    (project.folder / "plain.note").write_text("any")
    done = project.build()
    assert done.returncode == 0, done.stderr
    assert 'role="tabpanel"' in project.html()
    for name in ("last", "plain"):
        assert "read by the project" in (project.folder / "out" / f"{name}.html").read_text()


def test_tabs_do_not_vanish_where_myst_nb_does_not_ask_our_reader(project):
    """As in myst-nb 1.1, for which our reader once had a suffix that it did not compare."""
    (project.folder / "conf.py").open("a").write(
        'tabcells_execution = "off"\n'
        'def drop(app, docname, content):\n'
        '    app.env.mystnb_config = app.env.mystnb_config.copy(custom_formats={})\n'
        'def setup(app):\n    app.connect("source-read", drop, priority=900)\n')
    project.write(CELL)
    done = project.build()
    assert done.returncode == 2
    assert "index.md:1: myst-nb " in done.stderr
    assert "has not read this page by tabcells" in done.stderr
