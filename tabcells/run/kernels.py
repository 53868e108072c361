"""Find a kernel, and tell what of it determines the outputs of its cells."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import Any

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager

from ..errors import RunError
from ..settings import nearest
from . import imports, probe
from .local import Manager, absolute_paths, manager

#: Variables of a kernelspec that change what its interpreter sees.
_SEEING = ("PYTHONPATH", "PYTHONHOME", "PYTHONNOUSERSITE", "PYTHONUSERBASE",
           "CUDA_VISIBLE_DEVICES")
_PYTHON = re.compile(r"python[\d.]*(\.exe)?")


@dataclass(frozen=True)
class Kernel:
    """A kernel that can be started.

    ``definition`` is what of its kernelspec goes into the key; ``survey`` what its
    interpreter and its machine are (``tabcells.run.probe.survey``; no packages where it isn't
    Python); ``start`` makes a kernel manager; ``prepare(client, helpers)``, where there is
    one, readies a started kernel (a coroutine); ``where`` ends an error's words; ``observable``
    is whether it may be asked what files its cells read.
    """

    name: str
    language: str
    definition: dict
    survey: dict
    start: Callable[[], Any]
    prepare: Callable | None = None
    where: str = ""
    observable: bool = False
    #: Many pages import the same.
    _closures: dict = field(default_factory=dict, compare=False, repr=False)

    def environment(self, helpers: dict, modules, packages=()) -> dict:
        """All but the code that determines a run of cells that import these.

        Of the installed packages those count that the cells or their helpers import and all
        that those require, ``packages`` (what imports do not show), and ipykernel and IPython,
        which run the cells: a new linter or theme leaves minutes of cells alone.  nbclient is
        left out: it carries code and outputs, and changes neither.
        """
        known = self.survey["packages"]
        names = [probe.canonical(name) for name in packages]
        of = (modules, *names)
        if of not in self._closures:
            self._closures[of] = imports.closure(known, modules, names)
        versions = self._closures[of] | {
            name: known[name][0] for name in ("ipykernel", "ipython") if name in known}
        return {"python": self.survey["python"], "packages": versions, "helpers": helpers,
                "hardware": self.survey["hardware"]}

    def versions(self, packages) -> dict:
        """Of the distributions ``packages``, by the names given, those that are installed."""
        known = self.survey["packages"]
        return {name: known[probe.canonical(name)][0] for name in packages
                if probe.canonical(name) in known}


@functools.cache
def local_kernel(name: str, folder: str, root: str) -> Kernel:
    """Kernel ``name`` of this machine; those of ``folder`` come before the installed ones.

    :param root: the folder in which it starts
    :raises RunError: no such kernel, or a kernelspec that can't be read
    """
    specs = _specs(folder)
    spec = _spec(specs, name, folder)

    def start() -> Manager:
        # ipykernel can do with sockets in the place of ports; other kernels know ports for sure.
        return manager(name, specs, sockets=os.name == "posix" and any(
            "ipykernel" in word for word in spec.argv))

    return Kernel(name, spec.language, _definition(spec, root), _survey(spec, root), start,
                  observable=spec.language == "python")


def language_of(name: str, folder: str) -> str:
    """The language that the kernelspec ``name`` tells; "" where it can't be read."""
    try:
        return _spec(_specs(folder), name, folder).language
    except RunError:
        return ""


def _specs(folder) -> KernelSpecManager:
    specs = KernelSpecManager(ensure_native_kernel=True)
    specs.kernel_dirs = [folder, *specs.kernel_dirs]
    return specs


def _spec(specs, name, folder) -> KernelSpec:
    """The kernelspec ``name``.

    :raises RunError: there is none, or its file says something else
    """
    try:
        spec = specs.get_kernel_spec(name)
    except KeyError as error:
        raise RunError(0, f"kernel {name!r} is not installed, nor in {Path(folder).name}/"
                          f"{nearest(name, specs.find_kernel_specs())}") from error
    except Exception as error:  # OSError, and what jupyter_client makes of odd JSON
        raise RunError(0, f"the kernel.json of kernel {name!r} can't be read: {error}") from error
    if not spec.argv or not all(isinstance(word, str) for word in (
            *spec.argv, spec.language, *spec.env.values())):
        raise RunError(0, f"the kernel.json of kernel {name!r} has to have argv, a list of texts; "
                          "language and the values of env are texts too")
    return spec


def forget() -> None:
    """Look at kernelspecs, packages and hardware anew."""
    local_kernel.cache_clear()
    _ask.cache_clear()
    while _asked:
        _, process = _asked.popitem()
        process.kill()
        process.communicate()


def ask_ahead(names: Iterable[str], folder: str, root: str) -> None:
    """Ask the interpreters of these kernels already, so that ``local_kernel`` waits less.

    What is wrong with one is told when that kernel is needed.
    """
    for name in names:
        with suppress(RunError, OSError):
            question = _question(_spec(_specs(folder), name, folder), root)
            if question and question not in _asked:
                _asked[question] = _start(*question)


def _definition(spec, root) -> dict:
    """The kernelspec without what differs from one checkout to the next.

    The interpreter is told by its version and packages, not by its path; the name that
    people see changes nothing.
    """
    python, rest = _interpreter(spec)
    known = json.dumps({"argv": ["python", *rest] if python else rest, "env": spec.env,
                        "interrupt_mode": spec.interrupt_mode})
    for path, mark in ((root, "{root}"), (sys.prefix, "{prefix}")):
        known = known.replace(json.dumps(path)[1:-1], mark)
    files = hashlib.sha256()
    for file in sorted(Path(spec.resource_dir).rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts and file.name != "kernel.json":
            files.update(f"{file.relative_to(spec.resource_dir)}\0".encode() + file.read_bytes())
    return {**json.loads(known), "files": files.hexdigest()}


def _interpreter(spec) -> tuple[list[str], list[str]]:
    """The words of ``argv`` up to the Python interpreter (none: no Python), and the rest."""
    for i, word in enumerate(spec.argv):
        if spec.language == "python" and _PYTHON.fullmatch(os.path.basename(word)):
            python = spec.argv[:i + 1]
            # As jupyter_client does: a bare `python` is the one that runs Sphinx.
            return [sys.executable] if i == 0 and word == os.path.basename(word) else python, \
                spec.argv[i + 1:]
    return [], spec.argv


#: The words of an interpreter, the variables of its environment, and its folder.
Question = tuple[tuple[str, ...], tuple[tuple[str, str], ...], str]

#: Interpreters that are at their answer.
_asked: dict[Question, subprocess.Popen] = {}


def _survey(spec, root) -> dict:
    if question := _question(spec, root):
        return _ask(*question)
    return {"python": "", "packages": {}, "hardware": probe.hardware()}


def _question(spec, root) -> Question | None:
    """None of a kernel that is not Python."""
    python, _ = _interpreter(spec)
    own = {name: Template(spec.env[name]).safe_substitute(os.environ)
           for name in _SEEING if name in spec.env}
    return (tuple(python), tuple(own.items()), root) if python else None


def _start(python, variables, root) -> subprocess.Popen:
    """Begin to ask an interpreter, with these environment variables.

    Sphinx's own is asked in a process too: here ``sys.path`` has the folder in which Sphinx was
    started, and what conf.py adds.
    """
    environment = absolute_paths(dict(os.environ)) | dict(variables)
    return subprocess.Popen(
        [*python, "-c", Path(probe.__file__).read_text("utf-8")], cwd=root, env=environment,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@functools.cache
def _ask(*question) -> dict:
    """The survey of an interpreter."""
    try:
        with _asked.pop(question, None) or _start(*question) as process:
            try:
                answer, words = process.communicate(timeout=60)
            except BaseException:
                process.kill()
                raise
        if process.returncode == 0:
            return json.loads(answer.strip().rpartition("\n")[2])  # what starts it may say more
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        words = str(error)
    lines = words.strip().splitlines() or [f"it ends with code {process.returncode}"]
    raise RunError(0, f"its interpreter {question[0][-1]} does not answer: {lines[-1]}")
