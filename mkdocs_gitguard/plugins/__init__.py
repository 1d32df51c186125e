"""MkDocs adapters, one file a plugin, thin over pure functions."""
