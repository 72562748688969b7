"""Makes the conformance vectors `wire/v1/vectors/*.json`: fixed inputs and what the core makes of them.

`python -m lontara_schema.make_vectors` rewrites them; `--check` only says whether they are current. Every input is
written here by hand; where a case states what must come of it, a core that says otherwise stops the run.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lontara_core.canonical import Json, NotCanonical, decode, encode, sha256_hex, tidy_text
from lontara_core.identifiers import derived_id, record_id
from lontara_core.log import chain, genesis, short_hash
from lontara_core.merge import Current, Merged, Wish, merge_set
from lontara_core.operations import Refused, decode_operation
from lontara_core.record import Record, judged_hash
from lontara_core.record_types import RECORD_TYPES
from lontara_core.signing import answer_input, enrol_input, log_input, public_key_of, request_input, sign

TARGET = Path(__file__).resolve().parent / "wire" / "v1" / "vectors"

ORG = "11111111-1111-4111-8111-111111111111"
SERVER = "22222222-2222-4222-8222-222222222222"
EPOCH = "33333333-3333-4333-8333-333333333333"
DEVICE = "44444444-4444-4444-8444-444444444444"
REQUEST = "55555555-5555-4555-8555-555555555555"
ENTRY = "01980a2b-6c40-8abc-9def-0123456789ab"
# Seeds of test keys: bytes that count up. Never a key of a real device or server.
DEVICE_SEED = bytes(range(32))
SERVER_SEED = bytes(range(32, 64))
AT = 1_767_225_600_000
STAMP = (AT, 0)
FIRST_FIELDS: dict[str, Json] = {
    "description": "Tiga puluh dua kepala keluarga;\nsatu belum punya KTP.",
    "end_time": "10:30",
    "start_time": "08:00",
    "title": "Verifikasi penerima bantuan Desa Tosora",
    "work_date": "2026-01-01",
}


def canonical() -> Json:
    """Values and their bytes; texts that are JSON but not canonical; texts as an author's device tidies them."""
    values: list[tuple[str, Json]] = [
        ("keys in byte order, no whitespace", {"b": 1, "a": [True, False, None], "B": {}, "_": [], "10": 0, "9": 0}),
        ("the largest integers", [2**53 - 1, -(2**53 - 1), 0]),
        ("only quote, backslash and control characters are escaped", 'a"b\\c/d\te\nf'),
        ("text beyond ASCII stands as UTF-8", "Wajo · ᨅᨔ ᨕᨘᨁᨗ · é · 😀"),
        ("line separators are not escaped", "a\u2028b\u2029c"),
        ("a control character of the second block is text like any other", "a\u0085b"),
        ("empty text, object and list", ["", {}, []]),
        ("nested 16 deep", [[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]),
    ]
    refused = [
        ("whitespace", '{"a": 1}'),
        ("keys out of order", '{"b":1,"a":1}'),
        ("a key twice", '{"a":1,"a":2}'),
        ("a float", "[1.5]"),
        ("a float that is whole", "[1.0]"),
        ("minus zero", "[-0]"),
        ("an integer of 2^53", "[9007199254740992]"),
        ("an integer in exponent form", "[1e2]"),
        ("an escape that is not needed", '["\\u0041"]'),
        ("an escaped solidus", '["\\/"]'),
        ("text not in normal form C", '["e\u0301"]'),
        ("NUL", '["\\u0000"]'),
        ("an escaped control character", '["\\u001b"]'),
        ("delete", '["\x7f"]'),
        ("a carriage return", '["\\r"]'),
        ("a lone surrogate", '["\\ud800"]'),
        ("a key that is not ASCII", '{"é":1}'),
        ("nested deeper than 16", "[" * 17 + "]" * 17),
        ("something after the value", "{}{}"),
        ("a byte order mark", "\ufeff{}"),
        ("nothing", ""),
    ]
    for about, text in refused:
        if _is_canonical(text.encode("utf-8")):
            raise AssertionError(f"taken although it holds {about}")
    tidied = ["  Rapat  ", "e\u0301", "a\r\nb\rc", "a\x00b\x1b", "\ttab\n", ""]
    return {
        "accepted": [{"about": about, "value": value, "bytes": encode(value).decode(), "sha256": sha256_hex(encode(value))}
                     for about, value in values],
        "refused": [{"about": about, "bytes": text} for about, text in refused],
        "tidied": [{"text": text, "tidy": tidy_text(text)} for text in tidied],
    }  # fmt: skip


def _is_canonical(raw: bytes) -> bool:
    try:
        decode(raw)
    except NotCanonical:
        return False
    return True


def identifiers() -> Json:
    """Record ids of creates, and ids derived from other content."""
    creates: list[tuple[str, dict[str, Json], tuple[int, int]]] = [
        ("activity_entry", FIRST_FIELDS, STAMP),
        ("activity_entry", FIRST_FIELDS, (AT, 1)),
        ("activity_entry", {**FIRST_FIELDS, "title": "Rapat"}, STAMP),
        ("activity_entry", {}, (0, 0)),
    ]
    derived = [(0, b""), (AT, b"lontara"), (2**48, b"lontara")]
    record = Record(type="activity_entry", id=ENTRY, revision=3, fields={**FIRST_FIELDS, "review_state": "submitted"})
    shown = {name: value for name, value in record.fields.items() if name in RECORD_TYPES[record.type].judged_fields}
    return {
        "records": [{"type": kind, "fields": fields, "hlc": list(hlc), "id": record_id(kind, fields, hlc)}
                    for kind, fields, hlc in creates],
        "derived": [{"milliseconds": time, "content": content.decode(), "id": derived_id(time, content)}
                    for time, content in derived],
        "judged": [{"type": record.type, "id": record.id, "fields": shown, "voided": record.voided, "clash": None,
                    "hash": judged_hash(record)}],
    }  # fmt: skip


def log_operations() -> list[bytes]:
    """Three operations of one device's log: a create, a set of the same entry, and a void of it."""
    operations: list[dict[str, Json]] = [
        {"at": AT, "fields": FIRST_FIELDS, "hlc": list(STAMP), "kind": "create", "offset": 480,
         "type": "activity_entry"},
        {"at": AT + 60_000, "fields": {"title": "Verifikasi penerima bantuan"}, "hlc": [AT + 60_000, 0],
         "id": record_id("activity_entry", FIRST_FIELDS, STAMP), "kind": "set", "offset": 480,
         "type": "activity_entry", "was": {"title": FIRST_FIELDS["title"]}},
        {"at": AT + 120_000, "fields": {"reason": "Tercatat dua kali"}, "hlc": [AT + 120_000, 0],
         "id": record_id("activity_entry", FIRST_FIELDS, STAMP), "judged": {"hash": "0" * 64, "revision": 2},
         "kind": "void", "offset": 480, "type": "activity_entry"},
    ]  # fmt: skip
    raws = [encode(operation) for operation in operations]
    for raw in raws:
        decode_operation(raw)
    return raws


def chain_vectors() -> Json:
    """The chain of the three operations from its genesis."""
    raws = log_operations()
    start = genesis(ORG, DEVICE)
    hashes = chain(start, raws)
    return {
        "org": ORG,
        "device": DEVICE,
        "genesis": start.hex(),
        "operations": [raw.decode() for raw in raws],
        "hashes": [each.hex() for each in hashes],
        "short_hashes": [short_hash(each, 0).hex() for each in hashes],
    }


def signatures() -> Json:
    """Each of the four signed inputs, its bytes, and the signature by a test key."""
    body = b'{"protocol":1}'
    code = "WAJO-7F3K-9QXM"
    head = chain(genesis(ORG, DEVICE), log_operations())[-1].hex()
    new_key = public_key_of(DEVICE_SEED)
    log = {"org": ORG, "server": SERVER, "epoch": EPOCH, "device": DEVICE, "first": 1, "last": 3, "head": head}
    rows: list[tuple[str, bytes, Json, bytes]] = [
        ("log", DEVICE_SEED, log, log_input(org=ORG, server=SERVER, epoch=EPOCH, device=DEVICE, first=1, last=3, head=head)),
        ("request", DEVICE_SEED, {"device": DEVICE, "request": REQUEST, "time": AT, "body": body.decode()},
         request_input(device=DEVICE, request=REQUEST, time=AT, body=body)),
        ("answer", SERVER_SEED, {"server": SERVER, "request": REQUEST, "status": 200, "body": body.decode()},
         answer_input(server=SERVER, request=REQUEST, status=200, body=body)),
        ("enrol", DEVICE_SEED, {"code": code, "public_key": new_key, "former": None},
         enrol_input(code=code, public_key=new_key, former=None)),
    ]  # fmt: skip
    return {
        "cases": [
            {"input": name, "values": values, "seed": seed.hex(), "public_key": public_key_of(seed),
             "message": message.decode(), "signature": sign(seed, message)}
            for name, seed, values, message in rows
        ]
    }  # fmt: skip


BASE: dict[str, Json] = {"title": "Rapat", "work_date": "2026-01-05", "start_time": "08:00", "end_time": "09:00",
                         "duration_minutes": 60, "review_state": "submitted"}  # fmt: skip
WHEN = {name: BASE[name] for name in ("work_date", "start_time", "end_time", "duration_minutes")}


def _case(
    about: str, verdict: str, *, fields: Json, was: Json, code: str | None = None, **more: Any
) -> dict[str, Json]:
    current = {**BASE, **more.pop("server", {})}
    return {
        "about": about,
        "type": more.pop("type", "activity_entry"),
        "current": {"fields": current, "stamps": more.pop("stamps", {}), "contested": more.pop("contested", []),
                    "final": more.pop("final", False)},
        "set": {"fields": fields, "was": was, "hlc": more.pop("hlc", list(STAMP)),
                "authority": more.pop("authority", "author")},
        "verdict": verdict,
        **({"code": code} if code else {}),
    }  # fmt: skip


def merge_cases() -> list[dict[str, Json]]:
    """What is asked of the merge, each with the verdict that must come of it."""
    title = {"title": "Rapat koordinasi"}
    later, earlier = [AT + 1, 0], [AT - 1, 0]
    return [
        _case("the server's value is what the author saw", "applied", fields=title, was={"title": "Rapat"}),
        _case("the server already has the new value", "applied", fields=title, was={"title": "Lama"}, server=title),
        _case("two wrote the same field", "conflict", fields=title, was={"title": "Rapat"}, server={"title": "Rakor"}),
        _case(
            "another field changed meanwhile",
            "applied",
            fields=title,
            was={"title": "Rapat"},
            server={"category": "main_duty"},
        ),
        _case(
            "one field clashes and another is clean",
            "conflict",
            fields={**title, "category": "main_duty"},
            was={"title": "Rapat", "category": None},
            server={"title": "Rakor"},
        ),
        _case("an entry that is approved", "conflict", fields=title, was={"title": "Rapat"}, final=True),
        _case("a field in open conflict", "conflict", fields=title, was={"title": "Rapat"}, contested=["title"]),
        _case("times move together", "applied", fields={"end_time": "10:00"}, was=WHEN),
        _case(
            "one of the times changed on the server",
            "conflict",
            fields={"end_time": "10:00"},
            was=WHEN,
            server={"start_time": "07:30", "duration_minutes": 90},
        ),
        _case("a duration beside times follows the times", "applied", fields={"start_time": "08:30"}, was=WHEN),
        _case(
            "the later clock wins a place",
            "merged",
            fields={"place": "Sengkang"},
            was={"place": None},
            server={"place": "Tempe"},
            stamps={"place": list(STAMP)},
            hlc=later,
        ),
        _case(
            "the earlier clock loses a place and it is told",
            "merged",
            fields={"place": "Sengkang"},
            was={"place": None},
            server={"place": "Tempe"},
            stamps={"place": list(STAMP)},
            hlc=earlier,
        ),
        _case(
            "who saw the other value comes after it",
            "applied",
            fields={"place": "Sengkang"},
            was={"place": "Tempe"},
            server={"place": "Tempe"},
            stamps={"place": list(STAMP)},
            hlc=earlier,
        ),
        _case(
            "evidence that both sides added",
            "merged",
            fields={"attachments": ["sha256:" + "a" * 64]},
            was={"attachments": None},
            server={"attachments": ["sha256:" + "b" * 64]},
        ),
        _case(
            "an immutable field",
            "rejected",
            fields={"source": "imported"},
            was={"source": None},
            code="immutable_field",
        ),
        _case("a field of the server", "rejected", fields={"owner": ENTRY}, was={"owner": None}, code="server_field"),
        _case(
            "the author hands in again what was returned",
            "applied",
            fields={"review_state": "submitted"},
            was={"review_state": "needs_revision"},
            server={"review_state": "needs_revision"},
        ),
        _case(
            "the author approves",
            "rejected",
            fields={"review_state": "approved"},
            was={"review_state": "submitted"},
            code="state_not_allowed",
        ),
        _case(
            "the supervisor approves",
            "applied",
            fields={"review_state": "approved"},
            was={"review_state": "submitted"},
            authority="supervisor",
        ),
        _case(
            "the last to arrive names the unit",
            "merged",
            type="org_unit",
            fields={"name": "Dinas Sosial P3A"},
            was={"name": "Dinas Sosial"},
            server={"name": "Dinsos"},
            authority="server",
        ),
    ]


def merge_vectors() -> Json:
    """Each case with the whole outcome."""
    cases = merge_cases()
    for case in cases:
        expected, outcome = (case["verdict"], case.get("code")), merge_outcome(case)
        if (outcome["verdict"], outcome.get("code")) != expected:
            raise AssertionError(f"{case['about']}: expected {expected}, the core says {outcome}")
        case["outcome"] = outcome
        del case["verdict"]
        case.pop("code", None)
    return {"cases": cases}


def merge_outcome(case: dict[str, Json]) -> dict[str, Json]:
    """What the core makes of one case of the vectors."""
    held, wanted = case["current"], case["set"]
    current = Current(
        fields=held["fields"],
        stamps={name: (stamp[0], stamp[1]) for name, stamp in held["stamps"].items()},
        contested=frozenset(held["contested"]),
        final=held["final"],
    )
    wish = Wish(wanted["fields"], wanted["was"], (wanted["hlc"][0], wanted["hlc"][1]), wanted["authority"])
    try:
        merged = merge_set(RECORD_TYPES[case["type"]], current, wish)
    except Refused as refused:
        return {"verdict": "rejected", "code": refused.code, "field": refused.field}
    return {
        "verdict": verdict_of(merged),
        "changes": merged.changes,
        "former": merged.former,
        "decided": sorted(merged.decided),
        "lost": merged.lost,
        "clashes": {
            name: {"base": clash.base, "server": clash.server, "device": clash.device}
            for name, clash in merged.clashes.items()
        },
        "stamps": {name: list(stamp) for name, stamp in merged.stamps.items()},
    }


def verdict_of(merged: Merged) -> str:
    """The word of sync_protocol.md §8 for a merge: clashes ask a person, a decision of a rule is told."""
    if merged.clashes:
        return "conflict"
    return "merged" if merged.decided or merged.lost else "applied"


VECTORS: dict[str, Callable[[], Json]] = {
    "canonical": canonical,
    "identifiers": identifiers,
    "chain": chain_vectors,
    "signatures": signatures,
    "merge": merge_vectors,
}


def main(*, check: bool) -> int:
    """Write every file of vectors, or with `check` return 1 when one of them is not current."""
    stale = 0
    TARGET.mkdir(parents=True, exist_ok=True)
    for name, make in VECTORS.items():
        path = TARGET / f"{name}.json"
        text = json.dumps(make(), indent=1, ensure_ascii=True, sort_keys=True) + "\n"
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale = 1
        if not check:
            path.write_text(text, encoding="utf-8")
    return stale if check else 0


if __name__ == "__main__":
    raise SystemExit(main(check="--check" in sys.argv))
