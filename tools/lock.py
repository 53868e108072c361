"""Write requirements*.lock: the versions of all that requirements*.txt name and need in turn.

Usage: python -m tools.lock [--upgrade]
Without it, what a lock has and still fits stays as it is.

The locks hold for any Python 3.11 on Linux x86-64 and list versions, no addresses. PyTorch is in
none, nor what its CUDA build alone requires: machines differ in the build that they take.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEAD = "# By `make lock`, from {}: all that it needs, in turn.\n"


def of_pytorch(name: str) -> bool:
    """PyTorch, or what its CUDA build alone requires."""
    return bool(re.fullmatch(r"torch|torchvision|triton|cuda-.*|nvidia-.*(?<!-cu11)", name))


def read(file: Path) -> dict[str, str]:
    """``{canonical name: version}`` of the lines ``name==version`` of one file, if it exists."""
    text = file.read_text("utf-8") if file.exists() else ""
    return {re.sub(r"[-_.]+", "-", name).lower(): version
            for name, version in re.findall(r"(?m)^([\w.-]+)==(\S+)$", text)}


def lines(pins: dict[str, str]) -> str:
    return "".join(f"{name}=={version}\n" for name, version in sorted(pins.items()))


def resolve(known: Path, *names: str, options: tuple[str, ...] = ()) -> dict[str, str]:
    """What the lists ``names`` need in turn, of the versions in ``known`` where they fit; those
    are written there.

    :raises SystemExit: no versions fit together, or the network can't be reached; uv says which
    """
    done = subprocess.run(
        [sys.executable, "-m", "uv", "pip", "compile", "-q", "--python-version", "3.11",
         "--python-platform", "x86_64-manylinux_2_28", "--no-header", "--no-annotate",
         "--no-emit-index-url", "--no-emit-find-links", *options, "-o", known,
         *(ROOT / f"{name}.txt" for name in names)], stdout=subprocess.DEVNULL, check=False)
    if done.returncode:
        sys.exit("\nlock: nothing is written (the reason is above)")
    return read(known)


def main(*options: str) -> None:
    """Resolve all lists together, so that no version differs, then what each of them needs."""
    names = ("requirements-render", "requirements", "requirements-gpu")
    with tempfile.TemporaryDirectory() as folder:
        known = Path(folder, "all.txt")
        known.write_text("".join(lines(read(ROOT / f"{name}.lock")) for name in names))
        needed = {"requirements-gpu": resolve(known, *names, options=options)}
        for name in names[1::-1]:
            needed[name] = resolve(known, name)
    held: set[str] = set()
    for name in names:
        first = "-r requirements-render.lock\n" if name == "requirements" else ""
        own = {package: version for package, version in needed[name].items()
               if package not in held and not of_pytorch(package)}
        held |= needed[name].keys()
        (ROOT / f"{name}.lock").write_text(
            HEAD.format(f"{name}.txt") + first + lines(own), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
