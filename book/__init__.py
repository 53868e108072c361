"""What this book adds to Sphinx: folds, published numbers, machines on record, downloads."""

from . import downloads, fold, machines, numbers


def setup(app):
    for part in (fold, numbers, machines, downloads):
        part.setup(app)
    return {"version": "0.1.0", "parallel_read_safe": True, "parallel_write_safe": True}
