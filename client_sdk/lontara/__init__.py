"""The client SDK: the encrypted store on a device, the log of what a person wrote, and the engine that syncs.

It runs on Windows, macOS and Linux and knows nothing of the server's code: both meet in `lontara_core`.
"""

from lontara.client import Client
from lontara.engine import SyncReport
from lontara.entries import AttentionItem, Decision, Entry
from lontara_core.problems import Problem

__all__ = ["AttentionItem", "Client", "Decision", "Entry", "Problem", "SyncReport"]
