"""What a command asks of the build that it starts, by variables of that process.

Apart from what reads them, so that a command that only starts MkDocs need not load what builds.
"""

from typing import Final

CLEAN: Final = "GITGUARD_BUILD_CLEAN"
"""Variable by which `gitguard build --clean` asks MkDocs' process to keep nothing."""
EXPLAIN: Final = "GITGUARD_BUILD_EXPLAIN"
"""Variable by which `gitguard build --explain PAGE` names the page."""
HOME: Final = "home"
"""What names the home page there, whose path may be empty."""
VERBOSE: Final = "GITGUARD_BUILD_VERBOSE"
"""Set by `gitguard build --verbose`: every finding stands in the log."""
WORKERS: Final = "GITGUARD_WORKERS"
"""Variable by which `gitguard build --workers` says who reads the repositories."""
JETSTREAM: Final = "jetstream"
"""What it says where they take their jobs from a server."""
STANDING: Final = "GITGUARD_BUILD_STANDING"
"""Set by `gitguard build`, which ends where the site stands as it would be built again: whoever runs MkDocs themselves
may wait for what it does afterwards."""
FACTS: Final = "GITGUARD_FACTS"
"""Variable by which `gitguard build --facts` names folders, between `os.pathsep`."""
