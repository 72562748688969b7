"""The command `lontara`: arguments in, tables or JSON out. What a command does lives in the SDK, not here."""
