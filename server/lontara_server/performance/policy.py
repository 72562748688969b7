"""Policies: the local numbers that scores and ratings are computed with, checked and frozen.

What must not live here: reading files (services do), and any number of a policy.
"""

from __future__ import annotations

from collections.abc import Mapping

from lontara_server.performance.month_policy import MonthPolicy, read_month_policy
from lontara_server.performance.policy_document import PolicyMistake, Section, read_header
from lontara_server.performance.year_policy import YearPolicy, read_year_policy

__all__ = ["MonthPolicy", "Policy", "PolicyMistake", "YearPolicy", "parse_policy"]

Policy = MonthPolicy | YearPolicy


def parse_policy(document: Mapping[str, object], *, where: str) -> Policy:
    """Check a document and return the policy that it describes: of months or of years, as its `rates` says.

    where: how a message names the document.
    Raises PolicyMistake at the first thing that is missing, unknown or out of range.
    """
    top = Section(document, where)
    header = read_header(top)
    rates = top.choice("rates", ("month", "year"))
    policy: Policy = read_month_policy(top, header) if rates == "month" else read_year_policy(top, header)
    top.raise_on_unknown_keys()
    return policy
