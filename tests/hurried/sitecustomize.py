"""`evidence` in a hurry: each work runs once, and what that took is dealt out to five readings.

Five are the fewest that can be compared.  Python imports this by itself as it starts, where this
folder is in its path: for tests that run the book's cells, and not how fast this machine is.
"""
import sys
from importlib.machinery import PathFinder


class Hurried:
    """Finds the module that measures, and changes it once its loader has run it."""

    def __init__(self, loader):
        self.loader = loader

    def __getattr__(self, name):
        return getattr(self.loader, name)

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name != "evidence.measure":
            return None
        spec = PathFinder.find_spec(name, path)
        spec.loader = Hurried(spec.loader)
        return spec

    def exec_module(self, module):
        self.loader.exec_module(module)
        interleaved = module.interleaved

        def once(works, repeats=7, warm_up=1):
            return {name: [seconds / 5] * 5 for name, [seconds] in interleaved(
                works, 1, 0).items()}

        module.interleaved, module.PATIENCE = once, 0


sys.meta_path.insert(0, Hurried)
