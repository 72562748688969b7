"""Plans and years that the performance tests share. No tests here."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from lontara_server.performance.plans import Indicator, QuantityOfEntry, WorkResult
from lontara_server.performance.year import YearInput
from server.performance.months import all_seven


def results() -> list[WorkResult]:
    """Two work results: of quantities in two units, and of other aspects, one of which nobody has assessed."""
    return [
        WorkResult(
            "r1",
            "Laporan kelompok tani",
            "main",
            (
                Indicator("i1", "Laporan selesai", "quantity", Decimal(12), "Dokumen"),
                Indicator("i2", "Petani didampingi", "quantity", Decimal(40), "Orang"),
            ),
        ),
        WorkResult(
            "r2",
            "Layanan pengaduan",
            "additional",
            (
                Indicator("i3", "Hari penyelesaian", "time", Decimal(5), "Hari", "lower", Decimal(7)),
                Indicator("i4", "Kepuasan", "quality", Decimal(90), "%"),
            ),
        ),
    ]


@st.composite
def quantities_of(draw: st.DrawFn) -> list[QuantityOfEntry]:
    """Quantities of approved entries, in units that fit, that do not, and that nobody has named."""
    count = draw(st.integers(0, 8))
    return [
        QuantityOfEntry(
            f"entry-{number}",
            draw(st.sampled_from(["r1", "r2", "elsewhere"])),
            Decimal(draw(st.integers(0, 300))).scaleb(-1),
            draw(st.sampled_from(["Dokumen", "dokumen ", "Orang", None])),
        )
        for number in range(count)
    ]


def year_of(case: dict[str, Any]) -> YearInput:
    return YearInput(
        "employee-1",
        2026,
        tuple(_result(row) for row in case["results"]),
        tuple(
            QuantityOfEntry(row["id"], row["result"], Decimal(row["quantity"]), row.get("unit"))
            for row in case.get("entries", ())
        ),
        all_seven(case.get("behaviour")),
        case.get("has_new_idea"),
        case.get("has_survey", False),
    )


def _result(row: dict[str, Any]) -> WorkResult:
    indicators = tuple(
        Indicator(
            each["id"],
            each["id"],
            each["aspect"],
            Decimal(each["target"]),
            each.get("unit", "Dokumen"),
            each.get("direction", "higher"),
            Decimal(each["realisation"]) if "realisation" in each else None,
        )
        for each in row["indicators"]
    )
    return WorkResult(row["id"], row["id"], row.get("kind", "main"), indicators)


def quantities_in_other_units() -> list[QuantityOfEntry]:
    """Two quantities of the first work result, one in a unit that none of its indicators has."""
    return [
        QuantityOfEntry("entry-1", "r1", Decimal("3.5"), "Dokumen"),
        QuantityOfEntry("entry-2", "r1", Decimal(2), "Kegiatan"),
    ]
