"""Run one notebook in a kernel of its own; keep what it printed."""

from __future__ import annotations

import ast
import datetime
import hashlib
import importlib.metadata
import json
import logging
import os
import platform
import re
import shutil
import subprocess
import time
from modulefinder import ModuleFinder
from pathlib import Path

import nbformat
from IPython.core.inputtransformer2 import TransformerManager
from filelock import FileLock
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

_quiet = logging.getLogger("tabcells.nbclient")  # its errors are raised, not logged
_quiet.setLevel(logging.CRITICAL)
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


class RunError(Exception):
    """What stopped a notebook: ``index`` of the cell (0-based) and the trouble in words."""

    def __init__(self, index, trouble):
        super().__init__(trouble)
        self.index, self.trouble = index, trouble


def find_kernel(name: str, folder) -> tuple[KernelSpecManager, dict]:
    """The manager that knows kernel ``name``, and its kernelspec as a dict.

    Kernelspecs of ``folder`` come before the installed ones.

    :raises RunError: no such kernel, or a kernelspec that can't be read
    """
    manager = KernelSpecManager(ensure_native_kernel=True)
    manager.kernel_dirs = [str(folder), *manager.kernel_dirs]
    try:
        spec = manager.get_kernel_spec(name)
    except (NoSuchKernel, ValueError, OSError) as error:
        raise RunError(0, f"kernel {name!r} is not installed, nor in {Path(folder).name}/ "
                          f"({error})") from error
    found = spec.to_dict()
    digest = hashlib.sha256()
    for file in sorted(Path(spec.resource_dir).rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts:
            digest.update(file.read_bytes())
    found["files"] = digest.hexdigest()
    return manager, found


def hardware() -> dict:
    """What this machine is: ``processor``, ``cores`` (usable), ``gpus`` (list of names)."""
    processor = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        named = re.search(r"^model name\s*:\s*(.+)$", info.read_text(), re.M)
        processor = named.group(1) if named else processor
    gpus = []
    if shutil.which("nvidia-smi"):
        answer = subprocess.run(["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"],
                                capture_output=True, text=True, check=False)
        gpus = answer.stdout.split("\n")[:-1] if answer.returncode == 0 else []
    affinity = getattr(os, "sched_getaffinity", lambda _: range(os.cpu_count() or 1))
    return {"processor": processor, "cores": len(affinity(0)), "gpus": gpus}


def environment() -> str:
    """A digest of the installed distributions and the class of hardware."""
    installed = sorted({f"{d.name}=={d.version}" for d in importlib.metadata.distributions()})
    return hashlib.sha256(json.dumps([installed, hardware()]).encode()).hexdigest()


def local_imports(notebook, root) -> dict:
    """The modules under ``root`` that a notebook's cells import: their path -> digest."""
    if notebook.metadata.kernelspec.get("language") != "python":
        return {}
    finder = ModuleFinder(path=[str(root)])
    main = finder.add_module("__main__")
    for cell in notebook.cells:
        try:
            code = TransformerManager().transform_cell(cell.source)
            finder.scan_code(compile(code, "cell", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), main)
        except SyntaxError:
            pass  # the kernel will say so, with its line
    return {os.path.relpath(module.__file__, root):
            hashlib.sha256(Path(module.__file__).read_bytes()).hexdigest()
            for _, module in sorted(finder.modules.items()) if module.__file__}


def cached_run(notebook, kernels, cache_folder, timeouts, progress, root, commit="",
               packages=()):
    """Outputs of ``notebook``: from the cache, else from a run that the cache then keeps.

    One run at a time, over processes too: measurements must not disturb one another.

    :returns: list of output lists, one per cell, and the provenance record (a dict)
    :raises RunError: see ``run``; a failed run is not kept
    """
    Path(cache_folder).mkdir(parents=True, exist_ok=True)
    with FileLock(Path(cache_folder) / "lock"):
        cache = get_cache(str(cache_folder))
        cache.change_cache_limit(10_000)
        try:
            record = cache.match_cache_notebook(notebook)
            kept = cache.get_cache_bundle(record.pk).nb
            return [cell.outputs for cell in kept.cells], json.loads(record.data["provenance"])
        except KeyError:
            pass
        started = time.time()
        done = run(notebook, kernels, timeouts, progress, root)
        provenance = {
            **hardware(),
            "kernel": notebook.metadata.kernelspec.name,
            "language": notebook.metadata.kernelspec.get("language", "python"),
            "date": datetime.datetime.fromtimestamp(started, datetime.timezone.utc)
                    .isoformat(timespec="seconds"),
            "seconds": round(time.time() - started, 1),
            "versions": {name: importlib.metadata.version(name) for name in packages},
            "commit": commit,
        }
        cache.cache_notebook_bundle(
            CacheBundleIn(nb=done, uri="", data={"provenance": json.dumps(provenance)}),
            check_validity=False, overwrite=True)
        return [cell.outputs for cell in done.cells], provenance


def run(notebook, kernels, timeouts, progress, root):
    """Execute a copy of ``notebook`` in a fresh kernel, which ends with this call.

    :param kernels: a KernelSpecManager
    :param root: the folder in which the kernel starts, and from which it imports
    :param timeouts: seconds, one per cell
    :param progress: called as ``progress(index, None)`` before a cell and
        ``progress(index, seconds)`` after it
    :raises RunError: a cell raised or took too long, or the kernel died or didn't start
    """
    done = nbformat.from_dict(json.loads(json.dumps(notebook)))
    state = {"index": 0, "start": 0.0}

    def before(cell, cell_index):
        state.update(index=cell_index, start=time.perf_counter())
        progress(cell_index, None)

    def after(cell, cell_index, execute_reply):
        progress(cell_index, time.perf_counter() - state["start"])

    class Client(NotebookClient):
        def create_kernel_manager(self):
            # Sockets in a private folder, where there are any, rather than open ports.
            self.km = AsyncKernelManager(
                kernel_name=self.kernel_name, kernel_spec_manager=kernels,
                transport="ipc" if os.name == "posix" else "tcp")
            return self.km

    client = Client(done, kernel_name=notebook.metadata.kernelspec.name, startup_timeout=60,
                    timeout_func=lambda cell: timeouts[state["index"]],
                    on_cell_start=before, on_cell_executed=after, record_timing=False,
                    resources={"metadata": {"path": str(root)}},
                    log=_quiet)
    try:
        client.execute()
    except CellExecutionError as error:
        raise RunError(state["index"], f"the cell raised\n{_ANSI.sub('', error.traceback)}") from None
    except CellTimeoutError:
        limit = timeouts[state["index"]]
        raise RunError(state["index"], f"the cell ran over its time limit of {limit:g} s") from None
    except DeadKernelError:
        raise RunError(state["index"], "the kernel died") from None
    except (RuntimeError, OSError) as error:
        raise RunError(state["index"], f"the kernel did not start: {error}") from error
    return done
