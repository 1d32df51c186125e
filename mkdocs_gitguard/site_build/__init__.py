"""One build of a site, however it was asked for: options, reading, portal, and what it measured."""
