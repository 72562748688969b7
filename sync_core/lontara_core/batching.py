"""How much to send at once and how long to wait after a failure (sync_protocol.md §14): plain arithmetic.

Chance and times are passed in; nothing here waits, sends or compresses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from lontara_core.messages import BATCH_OPERATIONS_MAX

BATCH_BYTES_MIN: Final = 1_024
BATCH_BYTES_MAX: Final = 262_144
BATCH_BYTES_FIRST: Final = 16_384
BATCH_BYTES_STEP: Final = 16_384
# What the first batch counts on; later ones use what compression really gave.
RATIO_FIRST: Final = 0.5
# How much of a new measurement the remembered ratio takes up.
RATIO_WEIGHT: Final = 0.5

RETRY_BASE_SECONDS: Final = 1.0
RETRY_CAP_SECONDS: Final = 300.0


@dataclass(frozen=True)
class BatchSize:
    """The size to aim at, in compressed bytes, and the share that compression has left of the plain bytes lately."""

    bytes_target: int = BATCH_BYTES_FIRST
    ratio: float = RATIO_FIRST

    def after_success(self, *, plain_bytes: int, sent_bytes: int) -> BatchSize:
        """One step larger (additive increase), with the ratio that this batch had."""
        ratio = self.ratio
        if plain_bytes > 0:
            measured = min(1.0, sent_bytes / plain_bytes)
            ratio = (1 - RATIO_WEIGHT) * self.ratio + RATIO_WEIGHT * max(0.02, measured)
        return BatchSize(min(BATCH_BYTES_MAX, self.bytes_target + BATCH_BYTES_STEP), ratio)

    def after_failure(self) -> BatchSize:
        """Half as large (multiplicative decrease), so that a link that cuts early still carries something."""
        return replace(self, bytes_target=max(BATCH_BYTES_MIN, self.bytes_target // 2))

    def count(self, sizes: Sequence[int]) -> int:
        """How many of the operations with these plain sizes go into the next batch: at least one, if there is one."""
        plain_max = self.bytes_target / self.ratio
        total = 0
        for number, size in enumerate(sizes[:BATCH_OPERATIONS_MAX]):
            total += size
            if total > plain_max:
                return max(1, number)
        return min(len(sizes), BATCH_OPERATIONS_MAX)


def retry_wait(attempt: int, chance: float, *, retry_after: float | None = None) -> float:
    """Seconds to wait before attempt number `attempt` (from 1): full jitter, never before `retry_after`.

    `chance` lies in [0, 1); the wait is spread evenly from 0 to the doubled base, so that devices that lost the same
    link do not come back in one wave.
    """
    ceiling = min(RETRY_CAP_SECONDS, RETRY_BASE_SECONDS * 2.0 ** min(attempt, 30))
    wait = chance * ceiling
    return wait if retry_after is None else retry_after + chance * RETRY_BASE_SECONDS
