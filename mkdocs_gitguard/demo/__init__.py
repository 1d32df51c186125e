"""An organisation that does not exist, as real git repositories: for a first look, for tests and for load."""
