"""Releases and their targets; rollback."""
