"""The sync server: receives batches, merges them by declared rules, opens conflicts, computes scores.

`web` parses and permits, `services` own the transactions, `storage` holds every SQL statement, `performance`
is pure arithmetic, `jobs` runs what the clock starts; `app` wires them and is imported by none of them.
"""
