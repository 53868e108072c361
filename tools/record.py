"""Keep what this machine measured: `records/NAME.json`, from the site that it built.

Usage: python -m tools.record [NAME]   (default: the GPU's name, else the processor's)
"""
import datetime
import json
import re
import sys
from pathlib import Path

from evidence import kinds

ROOT = Path(__file__).resolve().parent.parent


def record(site, name="") -> dict:
    """The record of the machine that built ``site`` (the folder of one language).

    :raises FileNotFoundError: the site has not been built
    """
    published = json.loads((site / "measurements.json").read_text("utf-8"))
    machine = published["machine"]
    parts = {part: [kinds.of(entry).recorded(entry, site) for entry in published[part]]
             for part in kinds.PARTS}
    dates = sorted(run["date"] for run in published["runs"])
    return {"name": name or ", ".join(machine["gpus"]) or
            f"{machine['processor']}, {machine['cores']}",
            "date": (dates[-1] if dates else datetime.date.today().isoformat())[:10],
            "machine": machine, "runs": published["runs"], **parts}


def main(name="") -> None:
    sites = [site for site in (ROOT / "_build" / "html").glob("*")
             if (site / "measurements.json").exists()]
    if not sites:
        sys.exit("make record: nothing measured yet; run `make html` first")
    kept = record(sites[0], name)
    file = ROOT / "records" / (re.sub(r"\W+", "-", kept["name"].lower()).strip("-") + ".json")
    file.parent.mkdir(exist_ok=True)
    text = json.dumps(kept, indent=None, ensure_ascii=False, separators=(",", ":"))
    file.write_text(text.replace('{"framework"', '\n{"framework"') + "\n", "utf-8")
    print(f"{file.relative_to(ROOT)}: {len(kept['measurements'])} measurements, "
          f"{len(kept['timelines'])} timelines. Commit it, and every build shows this machine.")


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]))
