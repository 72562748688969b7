"""What HTTP sees: the sync API and the console's pages.

A handler parses, permits, calls one service and answers. No SQL and no business rule lives here.
"""
