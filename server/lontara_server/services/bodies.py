"""The stored bytes of a batch: its operations as they were signed, compressed.

A large batch is kept as the request brought it, since compressing it again costs as much as settling it. A small one
has too little text to be compressed by itself: it is compressed against words that most operations hold.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Final

import msgspec

from lontara_core.compression import inflate
from lontara_core.messages import Batch

# Below this the rest of the request weighs more than compressing the operations costs.
KEPT_AS_CAME_MIN: Final = 24
# What a body that was compressed against WORDS begins with; gzip begins with 0x1f.
_BYWORDS: Final = b"\x01"
# Never changed: stored bodies are read with it for ever. Other words get a number of their own beside 0x01.
WORDS: Final = (
    b"Kegiatan pelayanan masyarakat di desa dan kecamatan. Rapat koordinasi bersama kelompok tani. Melaksanakan "
    b"Menyusun Mendata Memeriksa Menyiapkan Mengikuti Membuat laporan dokumen surat kegiatan orang "
    b'"category":"main_duty","category":"additional_duty","place":"-4.0,120.0","duration_minutes":60,"mono":000,'
    b'"boot":"by":"","deps":[],"id":"","offset":480,"was":{},"origin":{},"supersedes":[]'
    b'{"at":1795000000000,"boot":"","fields":{"description":"Kegiatan ","end_time":"09:30","output_unit":"dokumen",'
    b'"place":"-4.","quantity":"1","start_time":"08:00","target_id":"01a1ee56-5e00-8","title":"Menyusun laporan",'
    b'"work_date":"2026-11-01"},"hlc":[1795000000000,0],"kind":"create","mono":5000000,"offset":480,'
    b'"type":"activity_entry"},'
)


class _Request(msgspec.Struct):
    batch: Batch


def body_of(operations: Sequence[bytes], request: bytes | None = None) -> bytes:
    """What is stored of these operations; `request` is the compressed request whose batch holds exactly these."""
    if request is not None and len(operations) >= KEPT_AS_CAME_MIN:
        return request
    stream = zlib.compressobj(wbits=-zlib.MAX_WBITS, zdict=WORDS)
    return _BYWORDS + stream.compress(b"[" + b",".join(operations) + b"]") + stream.flush()


def operations_in(body: bytes) -> list[bytes]:
    """The operations of a stored body, byte for byte as they were signed. Raises ValueError for what is no body."""
    if not body.startswith(_BYWORDS):
        return [bytes(each) for each in msgspec.json.decode(inflate(body), type=_Request).batch.operations]
    stream = zlib.decompressobj(wbits=-zlib.MAX_WBITS, zdict=WORDS)
    try:
        plain = stream.decompress(body[1:]) + stream.flush()
    except zlib.error as error:
        raise ValueError("the stored body is no compressed text") from error
    return [bytes(each) for each in msgspec.json.decode(plain, type=list[msgspec.Raw])]
