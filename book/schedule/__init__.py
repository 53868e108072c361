"""`{schedule}`: a model of the page's experiment to play with, beside what was measured."""

from .directive import setup

__all__ = ["setup"]
