"""MkDocs adapters, one file a plugin, thin over pure functions."""

from mkdocs_gitguard.collector import collect_rarely

# Before all that a build loads, which is a good part of what it makes: the process is MkDocs', and builds.
collect_rarely()
