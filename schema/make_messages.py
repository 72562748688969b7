"""Makes `wire/v1/messages.schema.json` from the message types of the core, and says with `--check` whether it is current.

It stands apart from `generate`, which must also run when the module that it writes is not there yet.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from lontara_core.messages import EnrolAnswer, EnrolRequest, SyncAnswer, SyncRequest
from lontara_core.operations import Operation

TARGET = Path(__file__).resolve().parent / "wire" / "v1" / "messages.schema.json"
MESSAGES = (Operation, SyncRequest, SyncAnswer, EnrolRequest, EnrolAnswer)


def messages_text() -> str:
    """JSON Schema of an operation and of each request and answer, under `$defs` by the names that the core uses."""
    _, components = msgspec.json.schema_components(MESSAGES, ref_template="#/$defs/{name}")
    operations: dict[str, Any] = components["Batch"]["properties"]["operations"]
    operations["items"] = {
        "description": "An Operation in canonical form. One that does not fit is rejected by itself, not its batch."
    }
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "lontara:wire/v1/messages",
        "$defs": components,
    }
    return json.dumps(whole, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def main(*, check: bool) -> int:
    """Write the schema, or with `check` return 1 when it is not current."""
    if check:
        return int(not TARGET.exists() or TARGET.read_text(encoding="utf-8") != messages_text())
    TARGET.write_text(messages_text(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(check="--check" in sys.argv))
