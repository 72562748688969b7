"""Workload (ABK): volume x minutes per output / minutes of a year, from approved entries, by unit and output."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from engines.places import Place
from lontara_core.record import judged_hash
from lontara_server.services.reviews import entry_named, review
from lontara_server.services.workload import workload
from lontara_server.storage import plans as store
from server.logged_tablet import LoggedTablet
from server.plan_office import WORKER, PlanOffice, result
from server.ready import ready_server


@pytest.fixture
def office(place: Place) -> Iterator[PlanOffice]:
    database = ready_server(place)
    yield PlanOffice(database)
    database.dispose()


def worked(office: PlanOffice, verdict: str = "approved", **fields: object) -> None:
    tablet = LoggedTablet(office.database, nip=WORKER).enrolled()
    entry = tablet.create(**fields)
    tablet.sync()
    held = office.run(entry_named, entry)
    office.run(
        review, entry, verdict, revision=held.revision, judged=judged_hash(held), by="admin", now_ms=office.tick(),
        note="x",
    )  # fmt: skip


def test_the_published_example_needs_the_published_posts(office: PlanOffice) -> None:
    for day in range(2, 10):
        worked(
            office, title="Menyusun laporan", work_date=f"2026-11-0{day}", start_time=None, end_time=None,
            duration_minutes=900, quantity="1", output_unit="laporan",
        )  # fmt: skip

    (unit,) = office.run(workload, 2026)

    (output,) = unit.outputs
    assert (output.volume, output.minutes_per_output, output.posts) == (Decimal(8), Decimal("900.00"), Decimal("0.0960"))


def test_what_is_not_approved_is_no_workload(office: PlanOffice) -> None:
    worked(office, "rejected", title="Menyusun laporan")

    assert office.run(workload, 2026) == []


def test_entries_of_one_work_result_are_one_output_whatever_their_titles(office: PlanOffice) -> None:
    office.plan(WORKER, result(), state="approved")


    (row,) = office.run(store.results_of_owner, office.person(WORKER).id, 2026)
    for day, title in ((2, "Loket pagi"), (3, "Loket sore")):
        worked(
            office, title=title, work_date=f"2026-11-0{day}", target_id=row.id, quantity="4", output_unit="Berkas"
        )  # fmt: skip

    ((output,),) = (unit.outputs for unit in office.run(workload, 2026))

    assert (output.output, output.from_work_result, output.volume, output.minutes) == (
        "Berkas warga terlayani", True, Decimal(8), 120,
    )  # fmt: skip


def test_an_entry_without_a_quantity_is_one_output(office: PlanOffice) -> None:
    for day in (2, 3):
        worked(office, title="Rapat desa", work_date=f"2026-11-0{day}")

    ((output,),) = (unit.outputs for unit in office.run(workload, 2026))

    assert (output.volume, output.output_unit, output.minutes_per_output) == (Decimal(2), None, Decimal("60.00"))


def test_another_year_of_minutes_gives_other_posts(office: PlanOffice) -> None:
    worked(office, title="Rapat desa", start_time=None, end_time=None, duration_minutes=600)

    (unit,) = office.run(workload, 2026, minutes_per_year=72_000)

    assert unit.posts == Decimal("0.0083")
