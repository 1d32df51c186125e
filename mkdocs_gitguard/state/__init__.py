"""What a site remembers between runs: its folder, its database, its caches."""
