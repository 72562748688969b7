"""The declarations that client and server share: record types, wire schemas, vectors, policies.

Data, but for the generator of what follows from it. Readers open it with
`importlib.resources.files("lontara_schema")`, so that a wheel and a checked-out tree serve the same bytes.
"""
