"""The command `lontara-server`: arguments in, tables or JSON out. What a command does lives in `services`."""
