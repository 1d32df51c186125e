"""The build's log: MkDocs' own. What MkDocs and this plugin say in it is nothing but text, whoever wrote it."""

import logging
from typing import Final

from mkdocs.plugins import get_plugin_logger

from mkdocs_gitguard.log_text import log_lines

log: Final = get_plugin_logger("gitguard")
"""Each line begins with the plugin's name."""


class _TextOnly(logging.Filter):
    """Writes out control characters, and commands to a CI runner. Leaves the records of other plugins alone."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name == log.logger.name or not record.name.startswith("mkdocs.plugins."):
            record.msg, record.args = log_lines(record.getMessage()), None
        return True


_TEXT_ONLY: Final = _TextOnly()


def show_text_only() -> None:
    """Have everything that shows MkDocs' log show nothing but text: it names what stands in a site's `mkdocs.yml`."""
    handlers = [*logging.getLogger("mkdocs").handlers, *filter(None, [logging.lastResort])]
    for handler in handlers:
        # Adding the same filter twice does nothing.
        handler.addFilter(_TEXT_ONLY)


# For those who are handed records without a handler of MkDocs'; then for its own messages about our options.
log.logger.addFilter(_TEXT_ONLY)
show_text_only()
