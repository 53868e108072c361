"""An environment as bare as a reader's, for which pip has the book's own packages at hand.

For each distribution of the book's environment there is a wheel with its name, its version
and what it requires, but without its modules: these are imported from where they lie.  To pip
it is a wheel like any other: it has to be asked for, it brings along what it requires, and two
that contradict each other are refused.  But it costs no download and no unpacking.
"""
import base64
import hashlib
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from string import Template

from conftest import HURRIED

#: What pip needs to know of a distribution, and what makes its commands.
TOLD = ("METADATA", "WHEEL", "entry_points.txt", "top_level.txt")

#: A module of the layer: it finds what linked wheels stand for, from the moment they are there.
FINDER = Template('''\
import sys
from importlib.machinery import PathFinder
from pathlib import Path


class Linked:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if path is None and any(name in file.read_text("utf-8").split() for file in Path(
                __file__).parent.glob("*.linked")):
            return PathFinder.find_spec(name, [$book])


sys.meta_path.append(Linked)
''')


def run(*command, folder, limit=1700, **more):
    """A command as a reader's shell runs it: nothing of this project in its environment."""
    environ = {name: value for name, value in os.environ.items() if not re.match(
        "PYTHON|VIRTUAL_ENV|JUPYTER|IPYTHON|BOOK|EVIDENCE|MXNET|OMP|TABCELLS|PYTEST", name)}
    done = subprocess.run([*map(str, command)], cwd=folder, env={**environ, **more},
                          capture_output=True, text=True, timeout=limit, check=False)
    assert done.returncode == 0, (f"{' '.join(map(str, command))} failed in a bare "
                                  f"environment:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    return done.stdout


def linked_wheels(folder):
    """Write into ``folder`` a wheel for each distribution of the book's environment."""
    for distribution in importlib.metadata.distributions(path=[str(site_packages(sys.prefix))]):
        if distribution.read_text("WHEEL") and distribution.files:
            _linked_wheel(distribution, folder)


def site_packages(environment):
    return next(Path(environment).glob("lib/python*/site-packages"))


def _linked_wheel(distribution, folder):
    name = re.sub(r"[-_.]+", "_", distribution.metadata["Name"])
    stem = f"{name}-{distribution.version}"
    files = {f"{stem}.dist-info/{told}": distribution.read_text(told) for told in TOLD
             if distribution.read_text(told)}
    tops = {file.parts[0] for file in distribution.files} - {"..", "__pycache__"}
    modules = {top.partition(".")[0] for top in tops if not top.endswith(".dist-info")}
    files[f"{name}.linked"] = "\n".join(sorted(modules))
    # Of two wheels of one version and platform pip takes the one with the higher build number.
    wheel = f"{stem}.dist-info/WHEEL"
    tags = [tag.split("-") for tag in re.findall(r"(?m)^Tag: (\S+)", files[wheel])]
    tag = "-".join(".".join(dict.fromkeys(parts)) for parts in zip(*tags))
    files[wheel] = re.sub(r"(?m)^(Build: .*|)\n", "", files[wheel]) + "Build: 9\n"
    record = f"{stem}.dist-info/RECORD"
    files[record] = "".join(f"{file},{_digest(text)},{len(text.encode())}\n"
                            for file, text in files.items()) + f"{record},,\n"
    with zipfile.ZipFile(folder / f"{stem}-9-{tag}.whl", "w") as archive:
        for file, text in files.items():
            archive.writestr(file, text)


def _digest(text):
    digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest())
    return f"sha256={digest.decode().rstrip('=')}"


class Layer:
    """A fresh environment with Jupyter's client alone, whose pip finds the linked wheels.

    It has an index too, as at a reader's: where nobody asks for a version, pip takes what is
    newest there.  So what is pinned, the frameworks, is linked; the rest is what a reader gets.
    """

    def __init__(self, folder):
        self.folder, self.wheels = folder / "env", folder / "wheels"
        self.python = self.folder / "bin" / "python"
        self.wheels.mkdir()
        linked_wheels(self.wheels)
        run(sys.executable, "-m", "venv", "--without-pip", self.folder, folder=folder)
        run(sys.executable, "-m", "pip", "--python", self.python, "install", "--quiet",
            "--no-index", "--find-links", self.wheels, "pip", "nbclient", "ipykernel",
            folder=folder)
        target = site_packages(self.folder)
        (target / "linked.py").write_text(
            FINDER.substitute(book=repr(str(site_packages(sys.prefix)))), "utf-8")
        shutil.copy(HURRIED / "sitecustomize.py", target / "hurried.py")
        (target / "linked.pth").write_text("import linked, hurried\n", "utf-8")

    def run(self, *command, folder):
        """A command whose pip knows of the linked wheels; modules are compiled when imported."""
        links = f"{os.environ.get('PIP_FIND_LINKS', '')} {self.wheels}".strip()
        return run(*command, folder=folder, PIP_FIND_LINKS=links, PIP_NO_COMPILE="1")

    def versions(self):
        """``{distribution: version}`` of what pip has installed there."""
        there = importlib.metadata.distributions(path=[str(site_packages(self.folder))])
        return {each.metadata["Name"].lower(): each.version for each in there}

    def lacks(self, modules):
        """Those of ``modules`` that can't be imported there."""
        ask = ("import importlib.util, sys; print(*(name for name in sys.argv[1:] "
               "if importlib.util.find_spec(name) is None))")
        return run(self.python, "-c", ask, *modules, folder=self.folder).split()
