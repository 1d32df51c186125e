"""The policy languages, one a file, each a `PolicyFormat` in the list of `policies/registry.py`."""
