"""For the tests that read the site: each page is parsed once, and these trees stay as they are.

Tests with this mark run on one worker, so that no other worker parses the pages again.
"""
import functools

import pytest
from bs4 import BeautifulSoup

on_parsed_pages = pytest.mark.xdist_group("parsed-pages")


@functools.cache
def tree(path):
    """The tree of an HTML file; who changes a part of it copies that part first."""
    return BeautifulSoup(path.read_text("utf-8"), "html.parser")
