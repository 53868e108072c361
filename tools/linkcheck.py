"""Try every link to elsewhere, in each language, and list those that do not answer.

Usage: python -m tools.linkcheck LANGUAGE [LANGUAGE ...]
(in the folder of conf.py; exit code 1: some are broken)

``linkcheck_*`` in conf.py says how long to wait, and which links not to try, since when and why.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path


def linkcheck(language: str) -> list[dict]:
    """Each link of one language, as Sphinx reports it: ``filename``, ``lineno``, ``status``,
    ``uri`` and ``info`` (why it is broken).

    :raises SystemExit: the pages could not be read; Sphinx has said why
    """
    out = Path("_build", "linkcheck", language)
    shutil.rmtree(out, ignore_errors=True)
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-b", "linkcheck", "-D", f"language={language}",
         "-d", f"_build/doctrees/{language}", ".", out],
        env={**os.environ, "BOOK_LANGUAGE": language}, capture_output=True, text=True, check=False)
    report = out / "output.json"
    if done.returncode not in (0, 1) or not report.exists():
        sys.exit(f"{done.stderr}\nlinkcheck: the pages of {language!r} could not be read (above)")
    return [json.loads(line) for line in report.read_text("utf-8").splitlines()]


def main(languages: list[str]) -> int:
    """Report each language, all of which are tried at the same time; the exit code."""
    failed = False
    with ThreadPoolExecutor() as pool:
        reports = list(pool.map(linkcheck, languages))
    for language, links in zip(languages, reports, strict=True):
        links = [link for link in links if link["status"] != "unchecked"]
        broken = [link for link in links if link["status"] in ("broken", "timeout")]
        for link in broken:
            print(f"{link['filename']}:{link['lineno']}: {link['status']}: {link['uri']}: "
                  f"{link['info']}")
        ignored = sum(link["status"] == "ignored" for link in links)
        print(f"linkcheck: {language}: {len(links) - ignored} links tried, {len(broken)} broken, "
              f"{ignored} not tried (linkcheck_ignore)", flush=True)
        failed |= bool(broken)
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
