"""Entries, conflicts and what needs a person, told in sentences with the command that does something about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lontara.cli.output import Session
from lontara.client import Client
from lontara.entries import AttentionItem
from lontara.objections import OBJECTION
from lontara_core.canonical import Json
from lontara_core.problems import Problem
from lontara_core.terms import named
from lontara_core.value_words import figure, hours, label, long_date, month, value

# The command that says a verdict.
_ACTS: Final = {"approved": "approve", "needs_revision": "return", "rejected": "reject", "submitted": "withdraw"}


def item_lines(session: Session, client: Client, item: AttentionItem) -> list[str]:
    """One thing that needs the person: what it is about, what has happened, what can be done."""
    told, steps = _TOLD[item.state](session, client, item)
    about = about_record(session, client, item.record) or _about_objection(session, client, item.record)
    heading = about or session.text("this_device" if item.kind == "device" else "no_entry", id=item.record)
    return [heading, *(f"  {line}" for line in told if line), *(f"  → {step}" for step in steps)]


def _rejected(session: Session, client: Client, item: AttentionItem) -> tuple[list[str], list[str]]:
    op = short_op(client, item.op_id)
    dismissed = session.text("do_dismiss", op=op)
    if item.kind == "review":
        verdict = named(session.language, "value", item.fields.get("verdict"))
        return [session.text("your_review", verdict=verdict), session.words(item.code)], [dismissed]
    told = [session.words(item.code), _held(session, item.fields)]
    if client.store.row(OBJECTION, item.record) is not None:
        # What was said cannot be said better by another text in its place: it is let go, and written anew.
        return told, [dismissed]
    if item.kind in ("create", "set"):
        return told, [session.text("do_correct", op=op), dismissed]
    return told, [dismissed]


def _parked(session: Session, _client: Client, item: AttentionItem) -> tuple[list[str], list[str]]:
    return [session.words(item.code), _held(session, item.fields)], []


def _deciding(session: Session, _client: Client, item: AttentionItem) -> tuple[list[str], list[str]]:
    told = [session.words(item.code)]
    if item.kind == "review":
        return told, [session.text("do_review", id=item.record, act=_ACTS.get(str(item.fields.get("verdict"))))]
    shown = [] if item.conflict is None else [session.text("do_show", conflict=item.conflict)]
    return [*told, _held(session, item.fields)], shown


def _returned(session: Session, _client: Client, item: AttentionItem) -> tuple[list[str], list[str]]:
    note = item.message or "—"
    if item.code == "rejected":
        steps = [session.text("do_edit_rejected", id=item.record), session.text("do_seen")]
        return [session.text("rejected_entry", note=note)], steps
    return [session.text("returned", note=note)], [session.text("do_edit_returned", id=item.record)]


def _asked(session: Session, client: Client, item: AttentionItem) -> tuple[list[str], list[str]]:
    row = client.store.row("conflict", item.conflict or "")
    records = list(row.view.fields.get("records") or ()) if row is not None and row.view is not None else []
    others = [about_record(session, client, str(each)) for each in records if each != item.record]
    said = session.text("near_duplicate" if item.code == "near_duplicate" else "overlap")
    ids = {"id": records[-1] if records else item.record, "conflict": item.conflict}
    return [*others, said], [session.text(step, **ids) for step in ("do_edit", "do_delete", "do_answer")]


def _answered(session: Session, client: Client, item: AttentionItem) -> tuple[list[str], list[str]]:
    told = [named(session.language, "objection_state", item.code), session.text("objection_answer", text=item.message or "—")]
    row = client.store.row(OBJECTION, item.record)
    held = row.view.fields if row is not None and row.view is not None else {}
    before, after = held.get("value_before"), held.get("value_after")
    if before != after:
        figures = [figure(each, session.language) if each else "–" for each in (before, after)]
        told.append(session.text("objection_value", before=figures[0], after=figures[1]))
    return told, [session.text("do_seen")]


def _decided_elsewhere(session: Session, _client: Client, item: AttentionItem) -> tuple[list[str], list[str]]:
    told = "waits_after_lock" if item.code == "after_lock" else "being_decided"
    return [session.text(told)], [session.text("do_show", conflict=item.conflict)]


def _of_the_device(session: Session, _client: Client, item: AttentionItem) -> tuple[list[str], list[str]]:
    reason = session.text("reason", reason=item.message) if item.message else ""
    return [session.words(item.code), reason], []


_TOLD: Final[Mapping[str, Any]] = {
    "rejected": _rejected, "parked": _parked, "conflict": _deciding, "returned": _returned, "asked": _asked,
    "answered": _answered, "deciding": _decided_elsewhere,
    "forked": _of_the_device, "log_gap": _of_the_device, "quarantined": _of_the_device,
}  # fmt: skip


def about_record(session: Session, client: Client, record: str) -> str:
    """`“Rapat desa”, Sen, 5 Jan 2026 · 08.00–09.30 (id)` of an entry that is on this device."""
    if not record:
        return ""
    try:
        entry = client.entry(record)
    except Problem:
        return ""
    day = long_date(entry.work_date, session.language)
    when = hours(entry.fields, session.language)
    return f"{session.text('about', title=entry.title, day=day)} · {when} ({record})"


def _about_objection(session: Session, client: Client, record: str) -> str:
    row = client.store.row(OBJECTION, record)
    if row is None or row.view is None:
        return ""
    return session.text("about_objection", period=month(str(row.view.fields.get("period")), session.language))


def short_op(client: Client, op_id: str) -> str:
    """An operation's number alone where it lies in the present log, else its whole name."""
    device, _, seq = op_id.rpartition(":")
    return seq if device == client.store.setting("device") else op_id


def _held(session: Session, fields: Mapping[str, Json]) -> str:
    return session.text("held_text", text=in_words(session, fields)) if fields else ""


def in_words(session: Session, fields: Mapping[str, Json]) -> str:
    """`Kegiatan: Rapat desa; Jumlah: 3`; the minutes that times leave open are nobody's wish."""
    timed = {"start_time", "end_time"} & fields.keys()
    fields = {name: held for name, held in fields.items()
              if name != "duration_minutes" or held is not None or not timed}  # fmt: skip
    return "; ".join(
        f"{label((name,), session.language)}: {value(name, held, session.language)}" for name, held in fields.items()
    )


def conflict_lines(session: Session, client: Client, conflict: Mapping[str, Any]) -> list[str]:
    """A conflict in a list: its id, state and kind, the entries, and the decision where there is one."""
    language = session.language
    head = f"{conflict['id']}  {named(language, 'state', conflict['state'])}: {named(language, 'kind', conflict['kind'])}"
    about = [about_record(session, client, str(each)) for each in conflict["records"]]
    decided = [each.sentence(language) for each in client.decisions(about=conflict["id"])]
    if not decided and conflict["state"] == "resolved" and conflict["resolution"]:
        decided = [named(language, "choice", conflict["resolution"].get("choice"))]
    return [head, *(f"  {line}" for line in [*about, *decided] if line)]


def conflict_details(session: Session, client: Client, conflict: Mapping[str, Any]) -> list[str]:
    """What a conflict is about, field by field, and what was said to it."""
    me, own_devices = client.store.setting("employee"), {log.device for log in client.store.logs()}
    lines = []
    for name, clash in conflict["fields"].items():
        if name == "device":
            continue
        lines.append(f"  {label((name,), session.language)}")
        lines.append(f"    {session.text('base')}: {value(name, clash['base'], session.language)}")
        lines.append(f"    {session.text('at_server')}: {value(name, clash['server'], session.language)}")
        for each in clash["candidates"]:
            who = person(client, str(each.get("by")))
            if each.get("by") == me:
                who = session.text("you" if each.get("device") in own_devices else "another_device")
            lines.append(f"    {session.text('wished', who=who)}: {value(name, each['value'], session.language)}")
    for each in conflict["answers"]:
        who = session.text("you") if each.get("by") == me else person(client, str(each.get("by")))
        lines.append("  " + session.text("said", who=who, text=each.get("text", "")))
    return lines


def person(client: Client, employee: str) -> str:
    """A person's name where this device knows it, else who it is by id or login."""
    row = client.store.row("employee", employee)
    if row is not None and row.view is not None:
        return str(row.view.fields.get("full_name", employee))
    return str(client.store.setting("full_name")) if employee == client.store.setting("employee") else employee
