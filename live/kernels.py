"""The kernels that a page may start: those of the book's tabs, and no others."""

from __future__ import annotations

import os
from pathlib import Path

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel
from traitlets import Instance, default

from book import frameworks
from book.takealong.setup_cell import BOOK_ONLY


class BookKernels(KernelSpecManager):
    """A kernel for each language and tab: what `en.pytorch` measures it tells in English.

    ``root`` is the book's folder, which has ``frameworks`` and ``kernels``.
    """

    root = Instance(Path).tag(config=True)
    ensure_native_kernel = False

    @default("kernel_dirs")
    def _folders(self) -> list[str]:
        return [str(self.root / "kernels")]

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """The kernelspec of ``LANGUAGE.TAB``, as a reader's notebook would have it.

        :raises NoSuchKernel: no language, no tab, or a tab whose kernelspec isn't there
        """
        language, _, tab = kernel_name.partition(".")
        tabs = frameworks.read(self.root)
        if language not in ("vi", "en") or tab not in tabs:
            raise NoSuchKernel(kernel_name)
        spec = super().get_kernel_spec(tabs[tab].kernel)
        kept = {name: value for name, value in spec.env.items() if name not in BOOK_ONLY}
        paths = [str(self.root), *filter(None, [os.environ.get("PYTHONPATH")])]
        spec.env = {**kept, "BOOK_LANGUAGE": language, "PYTHONPATH": os.pathsep.join(paths)}
        return spec
