"""What a Python and its machine are, asked from inside.

Standard library alone, and no import of this package: the text of this file also runs in
the interpreters of other kernels and, through a gateway, on other machines.
"""

from __future__ import annotations

import email.message
import importlib.metadata
import json
import os
import platform
import re
import shutil
import subprocess
from pathlib import Path


def hardware() -> dict:
    """The class of machine: ``processor``, ``cores`` (usable), ``gpus`` (usable, by name).

    Nothing that changes from one run to the next (load, clock, free memory, host name).
    """
    processor = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        named = re.search(r"^model name\s*:\s*(.+)$", info.read_text(), re.M)
        processor = named.group(1) if named else processor
    affinity = getattr(os, "sched_getaffinity", lambda _: range(os.cpu_count() or 1))
    return {"processor": processor, "cores": len(affinity(0)), "gpus": _gpus()}


def _gpus() -> list[str]:
    if not shutil.which("nvidia-smi"):
        return []
    answer = subprocess.run(["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"],
                            capture_output=True, text=True, check=False)
    names = answer.stdout.splitlines() if answer.returncode == 0 else []
    chosen = os.environ.get("CUDA_VISIBLE_DEVICES")
    if chosen is not None and re.fullmatch(r"[-\d,\s]*", chosen):
        return [names[int(i)] for i in re.findall(r"-?\d+", chosen) if 0 <= int(i) < len(names)]
    return names


def canonical(name) -> str:
    """A distribution's name as packaging compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def packages() -> dict[str, list]:
    """Installed distributions: ``{canonical name: [version, requirements, modules]}``.

    Requirements are canonical names, those of extras left out; modules are what the
    distribution lets one import.
    """
    installed = {}
    for distribution in importlib.metadata.distributions():
        about = _metadata(distribution)
        if not about["Name"] or canonical(about["Name"]) in installed:
            continue  # half removed, or hidden behind one that comes first on the path
        needs = {canonical(re.split(r"[^\w.-]", line, maxsplit=1)[0])
                 for line in about.get_all("Requires-Dist") or ()
                 if "extra" not in line.partition(";")[2]}
        installed[canonical(about["Name"])] = [
            about["Version"], sorted(needs), _modules(distribution)]
    return installed


def _metadata(distribution) -> email.message.Message:
    """The fields alone: most of the time would go into the description behind them."""
    text = next(filter(None, map(distribution.read_text, ("METADATA", "PKG-INFO", ""))), "")
    return email.message_from_string(text.partition("\n\n")[0])


def _modules(distribution) -> list[str]:
    listed = distribution.read_text("top_level.txt")
    if listed is not None:
        return listed.split()
    record = distribution.read_text("RECORD") or ""
    names = set(re.findall("^[^,/\n]+", record, re.M))
    return sorted(re.sub(r"(\.[\w-]+)?\.(py|so|pyd)$", "", name) for name in names
                  if not name.endswith((".dist-info", ".data")) and not name.startswith("."))


def survey() -> dict:
    """All of it: ``python`` (version), ``hardware``, ``packages``."""
    return {"python": platform.python_version(), "hardware": hardware(), "packages": packages()}


if __name__ == "__main__":
    print(json.dumps(survey()))
