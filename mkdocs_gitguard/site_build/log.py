"""The build's log: MkDocs' own, through which nothing but text goes, whoever wrote it."""

import logging
from typing import Final

from mkdocs.plugins import get_plugin_logger

from mkdocs_gitguard.log_text import log_lines

log: Final = get_plugin_logger("gitguard")
"""Each line begins with the plugin's name."""


class _TextOnly(logging.Filter):
    """Writes out control characters, and commands to a CI runner."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = log_lines(record.getMessage()), None
        return True


log.logger.addFilter(_TextOnly())
