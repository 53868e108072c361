"""Pretended GPUs for tests: `cuda` for PyTorch, `mxnet_contexts` for MXNet, `pages` for the book.

Nothing that comes from here was measured.
"""
