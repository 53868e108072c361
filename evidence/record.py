"""Keep what a downloaded script measured, as `records/` has it: ``--record FILE``.

The script's last lines call `keep`, when every cell has run.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timezone
from importlib import metadata
from pathlib import Path
from typing import Any

from . import kinds
from .measure import Evidence
from .profilers import torch_all_threads

#: What is said to the reader, by language.
WORDS = {
    "en": {
        "nothing": "--record: no cell measured anything, so {file} is not written.",
        "kept": "{file}: {measurements} measurements, {timelines} timelines of {name}. README of "
                "the book's sources tells where to send it.",
        "elsewhere": "--record: {file} can't be written ({error}). The record is in {place}.",
        "no-gpu": "No GPU was found here: this is a record of CPU devices.",
        "unused": "The cells used the CPU alone, although this machine has {gpus}: does this "
                  "{module} have a CUDA build?",
        "one-thread": "The timelines are left out: this torch records the calling thread alone "
                      "(torch 2.7 and newer record all).",
    },
    "vi": {
        "nothing": "--record: không ô nào đo gì nên {file} không được ghi.",
        "kept": "{file}: {measurements} phép đo, {timelines} dòng thời gian của {name}. README "
                "trong mã nguồn của sách cho biết gửi tệp này về đâu.",
        "elsewhere": "--record: không ghi được {file} ({error}). Bản ghi nằm ở {place}.",
        "no-gpu": "Không tìm thấy GPU nào ở đây: đây là bản ghi của các thiết bị CPU.",
        "unused": "Các ô mã chỉ dùng CPU, dù máy này có {gpus}: bản {module} này có hỗ trợ CUDA "
                  "không?",
        "one-thread": "Các dòng thời gian được lược bỏ: bản torch này chỉ ghi được luồng gọi "
                      "(torch từ 2.7 trở lên ghi được mọi luồng).",
    },
}


def keep(file: str, displayed: Iterable, *, began: float, page: str, kernel: str, module: str,
         packages: Sequence[str], machine: dict[str, Any], script: str) -> None:
    """Write ``file``, the record of one run of a script, and say what is in it.

    What can't be written there lies in the folder for temporary files, so that no run is lost.

    :param displayed: what the cells displayed, in order; what isn't `Evidence` is passed over
    :param began: seconds since the epoch, at the first cell
    :param module: what the cells import of the framework
    :param packages: distributions whose versions are kept
    :param machine: ``processor``, ``cores``, ``gpus`` (list of names)
    :param script: the path of the script itself, whose digest is kept
    :raises SystemExit: nothing was measured, or ``file`` could not be written; in words
    """
    say = WORDS[os.environ.get("BOOK_LANGUAGE", "en")]
    evidence = [item for item in displayed if isinstance(item, Evidence)]
    if not evidence:
        raise SystemExit(say["nothing"].format(file=file))
    run = {"page": page, "machine": machine, "kernel": kernel,
           "date": datetime.fromtimestamp(began, timezone.utc).isoformat(timespec="seconds"),
           "seconds": round(time.time() - began, 1), "versions": versions(module, packages),
           "commit": f"sha256:{hashlib.sha256(Path(script).read_bytes()).hexdigest()[:12]}"}
    record = of_run(evidence, run)
    if module == "torch" and torch_all_threads() is None:
        record["timelines"] = []
        print(say["one-thread"])
    if not machine["gpus"]:
        print(say["no-gpu"])
    elif not any(map(on_gpu, record["measurements"])):
        print(say["unused"].format(gpus=", ".join(machine["gpus"]), module=module))
    try:
        with open(file, "x", encoding="utf-8") as place:
            place.write(text(record))
    except OSError as error:
        handle, path = tempfile.mkstemp(suffix=".json")
        with open(handle, "w", encoding="utf-8") as place:
            place.write(text(record))
        raise SystemExit(say["elsewhere"].format(file=file, error=error, place=path)) from None
    print(say["kept"].format(file=file, name=record["name"], **{
        part: len(record[part]) for part in kinds.PARTS}))


def of_run(evidence: Iterable[dict[str, Any]], run: dict[str, Any]) -> dict[str, Any]:
    """The record of a machine on which there was one run.

    :param run: its entry in the record's ``runs``
    """
    parts: dict[str, list] = {part: [] for part in kinds.PARTS}
    for data in evidence:
        kind = kinds.of(data)
        parts[kind.part].append(kind.recorded({**data, "page": run["page"]}))
    machine = run["machine"]
    return {"name": name_of(machine), "date": run["date"][:10], "machine": machine, "runs": [run],
            **parts}


def name_of(machine: dict[str, Any]) -> str:
    """What a machine is called where nobody names it."""
    gpus = [f"{count} x {gpu}" if count > 1 else gpu
            for gpu, count in Counter(machine["gpus"]).items()]
    return ", ".join(gpus)[:100] or f"{machine['processor']}, {machine['cores']}"


def on_gpu(entry: dict[str, Any]) -> bool:
    """Whether a GPU is among an entry's devices, as MXNet or PyTorch names it."""
    return any(device.startswith(("cuda", "gpu")) for device in entry["devices"])


def versions(module: str, packages: Sequence[str]) -> dict[str, str]:
    """Of Python, of ``packages`` as far as they are installed, and of the imported ``module``."""
    known = {"python": platform.python_version()}
    for package in packages:
        with suppress(metadata.PackageNotFoundError):
            known[package] = metadata.version(package)
    return {**known, module: sys.modules[module].__version__}


def text(record: dict[str, Any]) -> str:
    """A record as a file holds it: an entry a line."""
    compact = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    return re.sub(r'\{"(?=devices|framework|kind)', '\n{"', compact) + "\n"
