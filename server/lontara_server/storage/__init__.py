"""Every SQL statement of the server, its models and migrations. Rules and decisions live elsewhere.

Each statement names the org first: this package is the one place that holds the org predicate.
"""
