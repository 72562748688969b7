"""The client SDK: the encrypted store on a device, the log of what a person wrote, and the engine that syncs.

It runs on Windows, macOS and Linux and knows nothing of the server's code: both meet in `lontara_core`.
"""
