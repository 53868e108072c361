"""Keep what a machine measured: `records/NAME.json`.

Usage: python -m tools.record [NAME]
       python -m tools.record --from FILE... -- [NAME]

The first keeps what the site holds that this machine built.  The second takes in what a reader
sent, or several such files of one machine, after `tools.received` has checked them.  Without a
NAME it is the GPU's, else the processor's.
"""
import argparse
import datetime
import json
import re
import sys
from pathlib import Path

from evidence import kinds
from evidence.record import name_of, text
from tools import received

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
    return {"name": name or name_of(machine),
            "date": (dates[-1] if dates else datetime.date.today().isoformat())[:10],
            "machine": machine, "runs": published["runs"], **parts}


def take_in(files, folder, name="") -> Path:
    """Write what readers sent as one record into ``folder``.

    :returns: its file, which is new
    :raises received.Refused: what was sent is no record, or its name is taken; nothing is written
    """
    whole = received.read(files, ROOT)
    if name and not received.NAME.fullmatch(name):
        raise received.Refused(f"{name!r} is no name: letters, digits, spaces and simple marks")
    whole["name"] = name or whole["name"]
    file = folder / file_name(whole["name"])
    content = text(whole).encode("utf-8")  # before there is a file
    folder.mkdir(exist_ok=True)
    try:
        with file.open("xb") as new:
            new.write(content)
    except FileExistsError:
        raise received.Refused(f"{folder.name}/{file.name} is there already: give this one "
                               "another name, NAME=..., or remove that file first") from None
    return file


def file_name(name) -> str:
    """What the file of a record with this name is called."""
    return re.sub(r"\W+", "-", name.lower()).strip("-") + ".json"


def build_record(name="") -> Path:
    """Write the record of the machine that built the site here, in place of an older one."""
    sites = [site for site in (ROOT / "_build" / "html").glob("*")
             if (site / "measurements.json").exists()]
    if not sites:
        sys.exit("make record: nothing measured yet; run `make html` first")
    kept = record(sites[0], name)
    file = ROOT / "records" / file_name(kept["name"])
    file.parent.mkdir(exist_ok=True)
    if file.exists():
        print(f"records/{file.name} was there already, and is written anew")
    file.write_text(text(kept), "utf-8")
    return file


def main() -> None:
    options = argparse.ArgumentParser(prog="make record")
    options.add_argument("--from", dest="files", nargs="+", type=Path)
    options.add_argument("name", nargs="*")
    given = options.parse_args()
    name = " ".join(given.name)
    try:
        file = take_in(given.files, ROOT / "records", name) if given.files else build_record(name)
    except received.Refused as error:
        sys.exit(f"make record: nothing is taken in.\n{error}")
    kept = json.loads(file.read_text("utf-8"))
    print(f"records/{file.name}: {len(kept['measurements'])} measurements, "
          f"{len(kept['timelines'])} timelines. Commit it, and every build shows this machine.")


if __name__ == "__main__":
    main()
