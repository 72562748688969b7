"""The sentence of a decision: who, about which entries, what is used and from where, why; in both languages."""

from __future__ import annotations

from typing import Any

import pytest

from lontara_core.decision_words import decision_sentence

TABLET, LAPTOP = "00000000-0000-8000-8000-000000000001", "00000000-0000-8000-8000-000000000002"
ENTRY = {"title": "Layanan warga", "work_date": "2026-11-24", "start_time": "08:00", "end_time": "10:00",
         "duration_minutes": 120, "quantity": "14", "output_unit": "orang", "voided": False}  # fmt: skip
OTHER = {**ENTRY, "title": "Rapat", "voided": True}


def clash(base: Any, server: Any, **wishes: Any) -> dict[str, Any]:
    devices = {"tablet": TABLET, "laptop": LAPTOP}
    candidates = [{"device": devices[name], "by": "x", "at": 1, "value": value} for name, value in wishes.items()]
    return {"base": base, "server": server, "candidates": candidates}


def told(
    choice: str, entries: list[dict[str, Any]], *, kind: str = "field", clashes: dict[str, Any] | None = None,
    language: str = "id", **resolution: Any,
) -> str:  # fmt: skip
    decided = {"by": "admin", "at": 1, "choice": choice, "reason": "Dihitung ulang.", **resolution}
    return decision_sentence({"kind": kind, "clashes": clashes or {}, "resolution": decided}, entries, language)


def test_values_are_named_with_their_group_and_whose_they_are() -> None:
    clashes = {"quantity": clash("12", "12", tablet="14"), "title": clash("Layanan", "Layanan warga", tablet="Warga")}

    sentence = told("values", [ENTRY], clashes=clashes, values={"quantity": "14"})

    assert sentence == (
        "Admin sudah memutuskan tentang “Layanan warga”, 24 Nov. Dipakai: kegiatan Layanan warga dari server, "
        "jumlah 14 orang dari perangkat. Alasan: Dihitung ulang."
    )


def test_a_value_that_no_side_had_is_said_to_be_the_decider_s() -> None:
    clashes = {"quantity": clash("12", "13", tablet="14", laptop="15")}

    sentence = told("values", [{**ENTRY, "quantity": "20"}], clashes=clashes, values={"quantity": "20"}, language="en")

    assert sentence == (
        "Admin has decided about “Layanan warga”, 24 Nov. Used: quantity 20 orang as written by Admin. Reason: Dihitung ulang."
    )


def test_each_value_says_whose_it_is_where_several_sides_are_used() -> None:
    clashes = {"end_time": clash("09:00", "09:30", tablet="11:00", laptop="11:30"),
               "duration_minutes": clash(60, 90, tablet=180, laptop=210),
               "quantity": clash("12", "12", tablet="14", laptop="15"),
               "title": clash("Warga", "Layanan warga", tablet="Layanan", laptop="Warga desa")}  # fmt: skip

    sentence = told(
        "values", [{**ENTRY, "end_time": "11:30", "quantity": "30"}], clashes=clashes,
        values={"end_time": "11:30", "duration_minutes": 210, "quantity": "30"}, name="Andi Rahmatia",
        devices={TABLET: "Tablet", LAPTOP: "Laptop kantor"},
    )  # fmt: skip

    assert (
        "Dipakai: waktu 08.00–11.30 dari perangkat “Laptop kantor”, kegiatan Layanan warga dari server, "
        "jumlah 30 orang ditulis sendiri oleh Andi Rahmatia."
    ) in sentence


def test_fields_of_one_group_from_two_sides_are_told_apart() -> None:
    clashes = {"start_time": clash("08:00", "08:00", tablet="07:00"), "end_time": clash("09:00", "09:30", tablet="11:00")}

    sentence = told("values", [{**ENTRY, "end_time": "11:30"}], clashes=clashes, values={"end_time": "11:30"})

    assert "mulai 08.00 dari server, selesai 11.30 ditulis sendiri oleh Admin." in sentence


def test_entries_of_the_same_name_and_day_are_told_apart_by_their_hours() -> None:
    other = {**ENTRY, "start_time": "10:30", "end_time": "11:00", "voided": True}

    sentence = told("merge", [ENTRY, other], kind="near_duplicate")

    assert "Digabung ke “Layanan warga”, 24 Nov, 08.00–10.00;" in sentence


def test_times_tell_their_minutes_once() -> None:
    clashes = {"end_time": clash("09:00", "09:30", tablet="10:00"), "duration_minutes": clash(60, 90, tablet=120)}

    sentence = told("keep_device", [ENTRY], clashes=clashes, values={"end_time": "10:00", "duration_minutes": 120})

    assert "Dipakai: waktu 08.00–10.00 dari perangkat." in sentence


@pytest.mark.parametrize(
    ("choice", "kind", "entries", "words"),
    [
        ("keep_server", "after_lock", [ENTRY], "Catatan itu ikut dihitung begitu disetujui."),
        ("keep_server", "future", [ENTRY], "Catatan tetap seperti adanya."),
        ("keep_server", "fork", [], "tentang perangkat Anda. Tidak ada catatan yang berubah."),
        ("keep_both", "overlap", [ENTRY, {**OTHER, "voided": False}], "“Layanan warga”, 24 Nov dan “Rapat”, 24 Nov."),
        ("merge", "overlap", [ENTRY, OTHER], "Digabung ke “Layanan warga”, 24 Nov; yang lain dibatalkan"),
        ("void", "minutes_over", [ENTRY, OTHER], "Dibatalkan dan tetap terbaca di riwayat: “Rapat”, 24 Nov."),
    ],
)
def test_each_choice_says_what_became_of_the_entries(
    choice: str, kind: str, entries: list[dict[str, Any]], words: str
) -> None:
    assert words in told(choice, entries, kind=kind)


def test_a_conflict_that_settled_by_itself_names_nobody() -> None:
    sentences = [told("edited", [ENTRY], reason=""), told("arrived", [], kind="fork", reason="")]

    assert not any("Admin" in sentence or "Alasan" in sentence for sentence in sentences)
    assert sentences[1].startswith("Perangkat Anda: selesai dengan sendirinya")


def test_an_employee_who_decided_is_named() -> None:
    assert told("keep_both", [ENTRY], name="Andi Rahmatia Pallawa").startswith("Andi Rahmatia Pallawa sudah memutuskan")
