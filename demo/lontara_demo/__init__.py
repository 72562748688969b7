"""The demo: starts a server, drives the `lontara` command of several devices over a poor link.

The one package that may use both sides; nothing of the product imports it.
"""
