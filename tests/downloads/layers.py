"""An environment as bare as a reader's, for which pip has the book's own packages at hand.

For each distribution of the book's environment there is a wheel with its name, its version
and what it requires, and one line that leads Python to the files where they lie.  To pip it
is a wheel like any other: it has to be asked for, it brings along what it requires, and two
that contradict each other are refused.  But it costs no download and no unpacking.
"""
import base64
import hashlib
import importlib.metadata
import json
import os
import re
import subprocess
import sys
import zipfile

#: What pip needs to know of a distribution, and what makes its commands.
TOLD = ("METADATA", "WHEEL", "entry_points.txt", "top_level.txt")


def run(*command, folder, limit=600, **more):
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
    for distribution in importlib.metadata.distributions():
        if distribution.read_text("WHEEL") and distribution.files:
            _linked_wheel(distribution, folder)


def _linked_wheel(distribution, folder):
    name = re.sub(r"[-_.]+", "_", distribution.metadata["Name"])
    content = folder / "content" / name
    content.mkdir(parents=True)
    texts = {}
    for file in distribution.files:
        top, place = file.parts[0], file.locate()
        if top.endswith(".dist-info"):
            if file.name in TOLD and len(file.parts) == 2:
                texts[file.name] = place.read_text("utf-8")
        elif top not in ("..", "__pycache__") and not (content / top).exists():
            for _ in file.parts[1:]:
                place = place.parent
            (content / top).symlink_to(place)
    tags = [line.split("-") for line in re.findall(r"(?m)^Tag: (\S+)", texts["WHEEL"])]
    # Of two wheels of one version and platform pip takes the one with the higher build number.
    tag = "-".join(".".join(dict.fromkeys(parts)) for parts in zip(*tags))
    stem = f"{name}-{distribution.version}"
    files = {f"{stem}.dist-info/{file}": text for file, text in texts.items()}
    files[f"{stem}.dist-info/WHEEL"] += "Build: 9\n" if "Build:" not in texts["WHEEL"] else ""
    files[f"linked_{name}.pth"] = f"{content}\n"
    record = "".join(f"{file},sha256={_digest(text)},{len(text.encode())}\n"
                     for file, text in files.items())
    files[f"{stem}.dist-info/RECORD"] = f"{record}{stem}.dist-info/RECORD,,\n"
    with zipfile.ZipFile(folder / f"{stem}-9-{tag}.whl", "w") as wheel:
        for file, text in files.items():
            wheel.writestr(file, text)


def _digest(text):
    digest = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


class Layer:
    """A fresh environment with Jupyter's client alone, whose pip finds the linked wheels.

    It has an index too, as at a reader's: where nobody asks for a version, pip takes what is
    newest there.  So what is pinned, the frameworks, is linked; the rest is what a reader gets.
    """

    def __init__(self, folder):
        self.folder, self.wheels = folder / "env", folder / "wheels"
        self.wheels.mkdir()
        linked_wheels(self.wheels)
        run(sys.executable, "-m", "venv", "--without-pip", self.folder, folder=folder)
        run(sys.executable, "-m", "pip", "--python", self.python, "install", "--quiet",
            "--no-index", "--find-links", self.wheels, "pip", "nbclient", "ipykernel",
            folder=folder)

    @property
    def python(self):
        return self.folder / "bin" / "python"

    def run(self, *command, folder):
        """A command whose pip knows of the linked wheels; what is imported gets compiled."""
        links = f"{os.environ.get('PIP_FIND_LINKS', '')} {self.wheels}".strip()
        return run(*command, folder=folder, PIP_FIND_LINKS=links, PIP_NO_COMPILE="1")

    def versions(self):
        """``{distribution: version}`` of what pip has installed there."""
        listed = run(self.python, "-m", "pip", "list", "--format=json", folder=self.folder)
        return {entry["name"].lower(): entry["version"] for entry in json.loads(listed)}

    def lacks(self, modules):
        """Those of ``modules`` that can't be imported there."""
        ask = ("import importlib.util, sys; print(*(name for name in sys.argv[1:] "
               "if importlib.util.find_spec(name) is None))")
        return run(self.python, "-c", ask, *modules, folder=self.folder).split()
