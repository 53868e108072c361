"""What this book adds to Sphinx: folded sections, published numbers, machines on record, search."""

from . import fold, machines, numbers, search


def setup(app):
    for part in (fold, numbers, machines, search):
        part.setup(app)
    return {"version": "0.1.0", "parallel_read_safe": True, "parallel_write_safe": True}
