"""The JSON schema of `measurements.json` and of records: the kinds' parts in one frame.

Usage: python -m evidence.schema   (writes measurements.schema.json anew)
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from . import kinds
from .kinds.base import STRINGS

FILE = Path(__file__).with_name("measurements.schema.json")

MACHINE = {
    "type": "object",
    "required": ["processor", "cores", "gpus"],
    "properties": {
        "processor": {"type": "string"},
        "cores": {"type": "integer", "description": "that the build may use"},
        "gpus": STRINGS}}
RUN = {
    "type": "object",
    "required": ["page", "kernel", "date", "seconds", "versions", "commit"],
    "properties": {
        "page": {"type": "string"},
        "machine": {"$ref": "#/properties/machine", "description": "on which it ran"},
        "kernel": {"type": "string"},
        "date": {"type": "string", "description": "ISO 8601, UTC: when the run began"},
        "seconds": {"type": "number", "description": "of all cells and the kernel's start"},
        "versions": {"type": "object", "additionalProperties": {"type": "string"}},
        "commit": {"type": "string", "description":
                   "of the sources; + where they differed; of a download the beginning of its "
                   "own digest, after sha256:"}}}


def schema() -> dict[str, Any]:
    """The schema, with a definition for each kind that is registered."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "measurements.json: what the machine that built the book measured",
        "description": "All times are seconds. Published in the folder of each language, with "
                       "the same content; a record of a machine adds a name and a date. Written "
                       "by python -m evidence.schema.",
        "type": "object",
        "required": ["machine", "runs", *kinds.PARTS],
        "properties": {
            "name": {"type": "string", "description": "of a record"},
            "date": {"type": "string", "description": "of a record: its newest run's"},
            "machine": MACHINE,
            "runs": {"description": "One per page and kernel", "type": "array", "items": RUN},
            **{part: {"type": "array", "items": _one_of(
                [kind.name for kind in kinds.KINDS.values() if kind.part == part])}
               for part in kinds.PARTS}},
        "$defs": {kind.name: kind.schema() for kind in kinds.KINDS.values()}}


def _one_of(names: list[str]) -> dict[str, Any]:
    """An entry of one of these kinds.  What is wrong with it is told of its own kind alone."""
    return {"type": "object", "required": ["kind"], "properties": {"kind": {"enum": names}},
            "allOf": [{"if": {"properties": {"kind": {"const": name}}},
                       "then": {"$ref": f"#/$defs/{name}"}} for name in names]}


if __name__ == "__main__":
    FILE.write_text(json.dumps(schema(), indent=1, ensure_ascii=False) + "\n", "utf-8")
