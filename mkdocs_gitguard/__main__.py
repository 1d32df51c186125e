"""`python -m mkdocs_gitguard` is `gitguard`."""

from mkdocs_gitguard.cli import main

main()
