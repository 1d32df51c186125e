"""Snapshot in, page objects out."""
