"""Policy sources, one format a file, behind a registry."""
