"""`python -m mkdocs_gitguard` is `gitguard`."""

import sys

if not sys.flags.safe_path:
    # `-m` has put the folder that one stands in before all others; its yaml.py is not to be run for ours.
    del sys.path[0]

from mkdocs_gitguard.cli import main

main()
