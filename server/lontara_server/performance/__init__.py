"""Performance: from a month's approved entries to a score that can be contested.

Pure: no I/O, clock or random. Reading policies, entries and holidays, and keeping
scores, is the work of `services`.
"""
