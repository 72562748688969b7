"""The rules of synchronisation as plain functions over values: operations, merge, clock, codec, problems.

Client, server and simulator run this same code. It must hold no I/O, no clock and no randomness: times, ids
and random bytes arrive as arguments, so that every schedule of the simulator can be played again.
"""
