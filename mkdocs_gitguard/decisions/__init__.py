"""Decision reports, one format a file, behind a registry, and the resolver."""
