"""The use cases: each function owns its transaction and the order of its steps.

Stores and `now` come in as arguments, so that the simulator calls the same functions.
Nothing here knows HTTP.
"""
