"""Snapshot in, static JSON files out; and a server for them."""
