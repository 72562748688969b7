"""`lontara-server conflict`: see conflicts, decide them with a reason, take a decision back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from lontara_core.history_words import change_lines
from lontara_core.terms import term
from lontara_core.typed_fields import pairs_typed
from lontara_core.value_words import hours, long_date, standing, value
from lontara_server.cli.program import Program, print_json
from lontara_server.cli.tables import ID, TIME
from lontara_server.services import conflict_desk, conflicts
from lontara_server.services.conflict_desk import ListedConflict, ShownConflict
from lontara_server.services.short_ids import full_id
from lontara_server.storage.engine import transaction


@click.group()
def conflict() -> None:
    """Conflicts that wait for a person, and what was decided."""


@conflict.command("list")
@click.option("--open", "only_open", is_flag=True, help="Only what still waits.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def list_(program: Program, *, only_open: bool, as_json: bool) -> None:
    """List conflicts, the newest first. Example: lontara-server conflict list --open --json"""
    if as_json:
        with transaction(program.engine) as connection:
            print_json(conflicts.list_conflicts(connection, program.org_id, only_open=only_open))
        return
    with transaction(program.engine) as connection:
        found = conflict_desk.list_all(connection, program.org_id, only_open=only_open)
    if not found:
        program.say("Tidak ada konflik yang menunggu.", "No conflict waits.")
        return
    headings = (
        ID, ("Pegawai", "Employee"), ("Catatan", "Entry"), ("Sebab", "Cause"), ("Diputuskan oleh", "Decided by"),
        ("Keadaan", "State"), ("Dibuka", "Opened"),
    )  # fmt: skip
    program.table(headings, [_listed(program, each) for each in found])


def _listed(program: Program, each: ListedConflict) -> tuple[str, ...]:
    spoken, document = program.language, each.document
    about = "" if each.title is None or each.work_date is None else f"{each.title}, {long_date(each.work_date, spoken)}"
    state = term(spoken, f"state.{document['state']}")
    if document["state"] != "resolved" and conflict_desk.is_answered(document):
        state = f"{state}, {term(spoken, 'answered')}"
    return (
        str(document["id"]), each.owner_name or "", about, term(spoken, f"kind.{document['kind']}"),
        term(spoken, f"decides.{document['route']}"), state,
        program.moment(document["opened_at"]),
    )  # fmt: skip


@conflict.command()
@click.argument("conflict_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def show(program: Program, conflict_id: str, *, as_json: bool) -> None:
    """Show the versions side by side, with the history. Example: lontara-server conflict show ID --json"""
    with transaction(program.engine) as connection:
        conflict_id = full_id(connection, program.org_id, "conflict", conflict_id)
        if as_json:
            print_json(conflicts.show_conflict(connection, program.org_id, conflict_id))
            return
        shown = conflict_desk.show_any(connection, program.org_id, conflict_id)
    _print_heading(program, shown)
    _print_entries(program, shown)
    _print_versions(program, shown)
    _print_answers(program, shown)
    if shown.document["state"] == "resolved":
        click.echo(conflict_desk.told_of(shown.document, program.language))
    else:
        _print_ways(program, shown)
    _print_history(program, shown)


def _print_heading(program: Program, shown: ShownConflict) -> None:
    document, spoken = shown.document, program.language
    owner = shown.names.get(str(document["owner"]))
    parts = [term(spoken, f"kind.{document['kind']}"), term(spoken, f"state.{document['state']}")]
    click.echo(" · ".join(([owner] if owner else []) + parts))
    if document["kind"] == "fork":
        device = document["fields"]["device"]["base"]
        program.say(f"Perangkat: {shown.devices.get(device, device)}", f"Device: {shown.devices.get(device, device)}")


def _print_entries(program: Program, shown: ShownConflict) -> None:
    spoken = program.language
    headings = (ID, ("Tanggal", "Date"), TIME, ("Kegiatan", "Activity"), ("Hasil", "Output"),
                ("Tinjauan", "Review"))  # fmt: skip
    rows = []
    for entry in shown.document["entries"]:
        output = ""
        if entry.get("quantity") is not None:
            output = f"{value('quantity', entry['quantity'], spoken)} {entry.get('output_unit') or ''}"
        state = standing(entry, spoken, merged_into=conflict_desk.merged_into(shown.document, entry))
        rows.append((entry["id"], long_date(entry["work_date"], spoken), hours(entry, spoken), entry["title"],
                     output.strip(), state))  # fmt: skip
    if rows:
        program.table(headings, rows)


def _print_versions(program: Program, shown: ShownConflict) -> None:
    spoken, clashes = program.language, shown.document["fields"]
    if shown.document["kind"] == "fork" or not clashes:
        return
    rows = []
    for name, clash in clashes.items():
        candidates = "\n".join(
            f"{value(name, each['value'], spoken)} ({shown.devices.get(each['device'], each['device'])}, "
            f"{shown.names.get(str(each['by']), each['by'])})"
            for each in clash["candidates"]
        )
        label = f"{term(spoken, f'field.{name}')} ({name})"
        rows.append((label, value(name, clash["base"], spoken), value(name, clash["server"], spoken), candidates))
    headings = (("Isian", "Field"), ("Versi asal", "Base version"), ("Server", "Server"), ("Perangkat", "Device"))
    program.table(headings, rows)


def _print_answers(program: Program, shown: ShownConflict) -> None:
    for each in shown.document["answers"]:
        name = shown.names.get(str(each["by"]), each["by"])
        program.say(f"Keterangan {name}: {each['text']}", f"{name} says: {each['text']}")


def _print_history(program: Program, shown: ShownConflict) -> None:
    if shown.document["history"]:
        program.say("Riwayat:", "History:")
    letters = conflict_desk.letters_of(shown.document)
    for line in shown.document["history"]:
        device = shown.devices.get(line["device"])
        who = [shown.names.get(str(line["by"]), str(line["by"] or "")), *([device] if device else [])]
        click.echo(f"  {program.moment(line['at'])} · {' · '.join(who)}")
        for record, changes in line["parts"].items():
            for told in change_lines(changes, program.language, devices=shown.devices, letter=letters.get(record)):
                click.echo(f"    {told}")


def _print_ways(program: Program, shown: ShownConflict) -> None:
    """The commands that decide this conflict; every one needs a reason."""
    program.say("Cara memutuskan (selalu dengan --reason):", "Ways to decide (always with --reason):")
    for option, indonesian, english in _ways(shown.document):
        program.say(f"  {option}  {indonesian}", f"  {option}  {english}")


def _ways(document: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    entries, clashes = document["entries"], document["fields"]
    if document["kind"] == "fork":
        return [("--keep server", "sudah dilihat", "seen")]
    if clashes:
        many = len({each["device"] for clash in clashes.values() for each in clash["candidates"]}) > 1
        return [
            ("--keep server", "yang di server tetap", "what the server holds stays"),
            ("--keep DEVICE" if many else "--keep device", "versi perangkat dipakai", "the device's version is used"),
            ("--set FIELD=VALUE", "nilai sendiri", "a value of your own"),
        ]
    if len(entries) > 1:
        return [
            ("--keep-both", "semua catatan tetap ada", "all entries stay"),
            ("--merge-into RECORD", "catatan ini tetap, yang lain dibatalkan", "this entry stays, the others are voided"),
            ("--void RECORD", "catatan ini dibatalkan, yang lain tetap", "this entry is voided, the others stay"),
        ]
    stands = ("catatan tetap seperti adanya", "the entry stays as it is")
    if document["kind"] == "after_lock":
        stands = ("catatan ini ikut dihitung begitu disetujui", "the entry counts once it is approved")
    return [("--keep server", *stands), ("--void RECORD", "catatan dibatalkan", "the entry is voided")]


@conflict.command()
@click.argument("conflict_id", metavar="ID")
@click.option("--keep", metavar="server|device|DEVICE", help="Whose values stand; DEVICE names one candidate. For a late "
              "entry `server` lets it count.")  # fmt: skip
@click.option("--set", "values", multiple=True, metavar="FIELD=VALUE", help="A value of your own, once per field.")
@click.option("--keep-both", is_flag=True, help="Entries that overlap or are alike: all of them stand.")
@click.option("--merge-into", metavar="RECORD", help="The entry that stays; the others are voided.")
@click.option("--void", metavar="RECORD", help="The entry to void.")
@click.option("--reason", required=True, help="What the worker reads.")
@click.option("--seen", metavar="HASH", help="The `hash` that `show --json` printed; another state is refused.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def resolve(
    program: Program, conflict_id: str, *, keep: str | None, values: tuple[str, ...], keep_both: bool,
    merge_into: str | None, void: str | None, reason: str, seen: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Decide a conflict. Example: lontara-server conflict resolve ID --keep device --reason "sudah dicek" """
    wishes: list[dict[str, Any]] = []
    if keep == "server":
        wishes.append({"choice": "keep_server"})
    elif keep is not None:
        wishes.append({"choice": "keep_device", "candidate": None if keep == "device" else keep})
    if values:
        wishes.append({"choice": "values", "values": pairs_typed(values)})
    if keep_both:
        wishes.append({"choice": "keep_both"})
    if merge_into:
        wishes.append({"choice": "merge", "survivor": merge_into})
    if void:
        wishes.append({"choice": "void", "void": void})
    if len(wishes) != 1:
        raise click.UsageError("Say one of --keep, --set, --keep-both, --merge-into, --void.")
    with transaction(program.engine) as connection:
        org = program.org_id
        (wish,) = wishes
        for name, kind in (("candidate", "device"), ("survivor", "entry"), ("void", "entry")):
            if wish.get(name) is not None:
                wish[name] = full_id(connection, org, kind, wish[name])  # type: ignore[arg-type]
        conflict_id = full_id(connection, org, "conflict", conflict_id)
        document = conflicts.resolve_conflict(
            connection, org, conflict_id, reason=reason, by=program.login, now_ms=program.now_ms(), judged_hash=seen,
            **wish,
        )  # fmt: skip
        told = conflict_desk.told_of(conflicts.show_conflict(connection, org, conflict_id), program.language)
    if as_json:
        print_json(document)
        return
    _say_decided(program)
    program.say(f"Yang dibaca pegawai: {told}", f"What the worker reads: {told}")


@conflict.command()
@click.argument("conflict_id", metavar="ID")
@click.option("--reason", required=True)
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def reopen(program: Program, conflict_id: str, *, reason: str, as_json: bool) -> None:
    """Take a decision back. Example: lontara-server conflict reopen ID --reason "salah orang" """
    with transaction(program.engine) as connection:
        conflict_id = full_id(connection, program.org_id, "conflict", conflict_id)
        document = conflicts.reopen_conflict(
            connection, program.org_id, conflict_id, reason=reason, by=program.login, now_ms=program.now_ms()
        )
    if as_json:
        print_json(document)
        return
    program.say("Keputusan ditarik; konflik terbuka lagi.", "The decision is taken back; the conflict is open again.")


def _say_decided(program: Program) -> None:
    program.say(
        "Keputusan tersimpan; semua versi tetap ada di riwayat.", "The decision is saved; every version stays in the history."
    )
