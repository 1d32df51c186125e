"""A site that one process builds again and again: MkDocs and our plugin stay loaded, and know the build before.

MkDocs builds as `mkdocs build` does, with all of the site's plugins; what is kept between builds is the plugin's own
(`site_build/staying.py`). The process is the unit of starting over: see `changed_files`.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, cast

from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.exceptions import Abort, BuildError, ConfigurationError

from mkdocs_gitguard.clock import system_moment
from mkdocs_gitguard.collector import not_collecting
from mkdocs_gitguard.errors import GitGuardError, Interruption, SettingError
from mkdocs_gitguard.service.look import Look
from mkdocs_gitguard.service.rounds import Stages
from mkdocs_gitguard.site_build.log import log as build_log
from mkdocs_gitguard.state.file_state import FileState, state_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from mkdocs.config.defaults import MkDocsConfig

    from mkdocs_gitguard.events.log import EventLog
    from mkdocs_gitguard.model.log_state import SetRight
    from mkdocs_gitguard.model.service_levels import ServiceLevels
    from mkdocs_gitguard.site_build.staying import LastBuild

_FEW: Final = 20
"""Repositories that are read again before anything is collected: each may leave reference cycles behind."""


class StayingPlugin(Protocol):
    """What is used of the plugin `gitguard`, which stands above this room."""

    last: LastBuild

    def on_startup(self, *, command: Any, dirty: bool) -> None:
        """Begin a process."""

    def build_again(self) -> datetime | None:
        """Bring the site up to date without MkDocs, and return when its pages stood; None where that could not be."""

    def on_shutdown(self) -> None:
        """End a build."""


class KnownLog(NamedTuple):
    """The log of events, as a process that has it open knows it."""

    log: EventLog | None = None
    """None: it is not open."""
    away: GitGuardError | None = None
    """Why it cannot be used; None: it can."""
    refuses: GitGuardError | None = None
    """Why it takes no events; None: it does."""
    set_right: tuple[SetRight, ...] = ()
    """What was set right in it since the last build."""


class _Failures(logging.Handler):
    """Keeps the last error that MkDocs logs before it gives up: the exception holds no words."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.text = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the message."""
        self.text = record.getMessage()


class WarmSite:
    """The site of one `mkdocs.yml`."""

    def __init__(self, config_file: Path, *, is_strict: bool = False) -> None:
        """Load nothing yet."""
        self._config_file = config_file
        self._is_strict = is_strict
        self._is_started = False
        self._plugin: StayingPlugin | None = None

    def build(self, look: Look, log: KnownLog | None = None) -> Stages:
        """Build the site, and return when it came to its stages.

        Args:
            look: the repositories that may have moved.
            log: of events, as the process knows it; None: the build opens it.

        Raises:
            GitGuardError: it failed; the site is as it was, or as far as MkDocs came.
        """
        seen, known = system_moment(), log or KnownLog()
        is_small = not look.everywhere and len(look.repositories) <= _FEW
        with self._failures_in_words(), not_collecting() if is_small else nullcontext():
            made = self._built_again(look, known)
            if made is None:
                # Of the plugins, loading gives the very ones of the build before their options anew.
                config = self._load()
                self._plugin = _plugin_of(config)
                self._tell(self._plugin.last, look, known)
                build(config)
                made = system_moment()
            return Stages(seen, self._ended().reading.at or seen, made)

    def warm_up(self, log: KnownLog) -> None:
        """Bring the site up to date where nothing has moved, so that what that takes is at hand when something moves.

        What a build puts together of each repository and page is read from the state folder, or never asked for, where
        all stands already. A site that MkDocs has to build each time is left as it is.

        Raises:
            GitGuardError: it failed; the site is as it was.
        """
        with self._failures_in_words():
            if self._built_again(Look(), log) is not None:
                self._ended()

    def _ended(self) -> LastBuild:
        """End a build that has gone well, and return what is known of it."""
        assert self._plugin is not None  # noqa: S101 - it has built
        # What others do when MkDocs ends, they do when this process ends; ours keeps the record of the build.
        self._plugin.on_shutdown()
        return self._plugin.last

    @contextmanager
    def _failures_in_words(self) -> Iterator[None]:
        failures = _Failures()
        logger = logging.getLogger("mkdocs")
        logger.addHandler(failures)
        try:
            yield
        except (Abort, BuildError, ConfigurationError, SystemExit) as error:
            reason = failures.text or str(error) or type(error).__name__
            raise SettingError(f"{self._config_file} cannot be built: {reason}") from error
        except (GitGuardError, Interruption):
            raise
        except Exception as error:
            build_log.debug("The build failed.", exc_info=True)
            raise SettingError(
                f"{self._config_file} cannot be built: {type(error).__name__}: {error}",
                hint="Build it with `gitguard build` to see where.",
            ) from error
        finally:
            logger.removeHandler(failures)

    @property
    def is_due(self) -> bool:
        """Whether an earlier round has left something for later, which may be done now."""
        return self._plugin is not None and self._plugin.last.pages.plans.turns.is_due

    def see(self, levels: ServiceLevels) -> None:
        """Take note of how the objectives are now, from any thread, so that the next round shows news of them."""
        if self._plugin is not None:
            self._plugin.last.status.see(levels)

    def close(self) -> None:
        """Keep what the next process is to know."""
        if self._plugin is not None:
            self._plugin.last.pages.keep_due()

    def _built_again(self, look: Look, log: KnownLog) -> datetime | None:
        if self._plugin is None:
            return None
        self._tell(self._plugin.last, look, log)
        return self._plugin.build_again()

    @staticmethod
    def _tell(last: LastBuild, look: Look, log: KnownLog) -> None:
        last.stays = last.work.is_kept = True
        last.look_at = look.look_at
        events = last.reading.events
        events.log, events.away, events.refuses, events.set_right = log

    def _load(self) -> MkDocsConfig:
        """Load the config; plugins that stay are those of the build before."""
        config = load_config(str(self._config_file), strict=self._is_strict)
        if not self._is_started:
            config.plugins.on_startup(command="build", dirty=False)
            self._is_started = True
        return config


def _plugin_of(config: MkDocsConfig) -> StayingPlugin:
    plugin = config.plugins.get("gitguard")
    if plugin is None:
        raise SettingError(
            f"{config.config_file_path} does not list the plugin gitguard.", hint="Add it to `plugins:`."
        )
    return cast("StayingPlugin", plugin)


def states_behind(paths: Iterable[Path]) -> Mapping[Path, FileState | None]:
    """Return how files stand, so that a change is seen: of a link, what it leads to. None for what is not there."""
    states: dict[Path, FileState | None] = dict.fromkeys(paths)
    for path in states:
        # A container's configuration is a link to a folder that is changed as a whole.
        with suppress(OSError):
            states[path] = state_in(path.stat())
    return states
