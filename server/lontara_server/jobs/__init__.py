"""What the clock starts: which service runs when, and how two processes agree that it runs once."""
