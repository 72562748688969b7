"""Statements for mapping presets: which column of a file is which field, remembered by name."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from lontara_server.storage.models import MappingPreset

__all__ = ["Connection", "presets_of", "put_preset"]


def presets_of(connection: Connection, org_id: int, kind: str | None = None) -> dict[tuple[str, str], str]:
    """Return the org's presets by (kind, name), in that order; of one kind where it is named. Columns are JSON."""
    query = select(MappingPreset.kind, MappingPreset.name, MappingPreset.columns).where(MappingPreset.org_id == org_id)
    if kind is not None:
        query = query.where(MappingPreset.kind == kind)
    rows = connection.execute(query.order_by(MappingPreset.kind, MappingPreset.name))
    return {(row.kind, row.name): row.columns for row in rows}


def put_preset(connection: Connection, org_id: int, kind: str, name: str, columns: str) -> None:
    """Write a preset over the one of this kind and name."""
    connection.execute(
        delete(MappingPreset).where(
            MappingPreset.org_id == org_id, MappingPreset.kind == kind, MappingPreset.name == name
        )
    )
    connection.execute(insert(MappingPreset).values(org_id=org_id, kind=kind, name=name, columns=columns))
