"""For each drill a part of the system, broken: what a drill that can fail must catch.

Each is called in the drill's own process, which ends with it, so that nothing is ever put back.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from mkdocs_gitguard.errors import GitGuardError
from mkdocs_gitguard.events.forge_hook import ForgeHook
from mkdocs_gitguard.events.jetstream.log import JetStreamLog
from mkdocs_gitguard.events.sqlite import file as sqlite_file
from mkdocs_gitguard.events.sqlite import log as sqlite_log
from mkdocs_gitguard.git.directory import GitDirectory
from mkdocs_gitguard.graph_api.server import ReleaseKeeper
from mkdocs_gitguard.harvest import run as harvest_run
from mkdocs_gitguard.publish import directory
from mkdocs_gitguard.publish.branch import BranchTarget
from mkdocs_gitguard.publish.directory import DirectoryTarget
from mkdocs_gitguard.service.warm_site import WarmSite
from mkdocs_gitguard.site_build.keep import Keeping
from mkdocs_gitguard.site_build.kept_site import KeptSite
from mkdocs_gitguard.state.file_state import FileState


def a_log_that_knows_no_replay() -> None:
    sqlite_log.body_key = lambda _: uuid4().hex  # type: ignore[attr-defined]


def a_receiver_that_looks_at_no_signature() -> None:
    ForgeHook.is_signed = lambda *_: True  # type: ignore[method-assign]


def a_consumer_that_acknowledges_first() -> None:
    for kind in (sqlite_log.SqliteLog, JetStreamLog):
        _acknowledge_first(kind)


def _acknowledge_first(kind: Any) -> None:
    consume = kind.consume

    def acknowledged(self: Any, *args: Any, **options: Any) -> Any:
        deliveries = consume(self, *args, **options)
        self.acknowledge(deliveries)
        time.sleep(0.1 * bool(deliveries))
        return deliveries

    kind.consume = acknowledged


def a_cut_that_tells_of_no_gap() -> None:
    original = sqlite_log.gap_event
    sqlite_log.gap_event = lambda gap, at: original(type(gap)(first=0, last=0, consumers=(), reason=""), at=at)  # type: ignore[attr-defined]


def release_ids_by_the_clock_alone() -> None:
    directory.after = lambda manifest, _: manifest  # type: ignore[attr-defined]


def a_log_that_forgets_to_sync() -> None:
    sqlite_file._SETTINGS = sqlite_file._SETTINGS.replace("synchronous = FULL", "synchronous = OFF")  # type: ignore[misc]


def an_append_that_writes_behind() -> None:
    append = JetStreamLog.append

    def at_once(self: Any, events: Any) -> Any:
        def later() -> None:
            time.sleep(0.15)
            with suppress(Exception):
                append(self, events)

        threading.Thread(target=later, daemon=True).start()
        time.sleep(0.002)
        return ()

    JetStreamLog.append = at_once  # type: ignore[method-assign]


def an_append_that_takes_a_refusal_for_a_yes() -> None:
    append = JetStreamLog.append

    def lenient(self: Any, events: Any) -> Any:
        with suppress(GitGuardError):
            return append(self, events)
        return ()

    JetStreamLog.append = lenient  # type: ignore[method-assign]


def a_switch_that_is_not_atomic() -> None:
    def switch(self: DirectoryTarget, release_id: str) -> None:
        self._link.unlink(missing_ok=True)
        time.sleep(0.01)
        self._link.symlink_to(Path("releases") / release_id)

    DirectoryTarget._switch = switch  # type: ignore[method-assign]


def a_publish_that_forgets_to_sync() -> None:
    directory.to_disk = lambda *_, **__: None  # type: ignore[attr-defined]


def a_publish_that_passes_over_errors() -> None:
    fill = directory.fill  # type: ignore[attr-defined]

    def lenient(aside: Path, manifest: Any, **options: Any) -> int:
        with suppress(OSError):
            return fill(aside, manifest, **options)
        (aside / directory.MANIFEST).write_bytes(b"{}")
        return 0

    directory.fill = lenient  # type: ignore[attr-defined]


def a_push_that_takes_a_refusal_for_a_yes() -> None:
    push = BranchTarget._push

    def lenient(self: BranchTarget, *args: Any) -> None:
        with suppress(GitGuardError):
            push(self, *args)

    BranchTarget._push = lenient  # type: ignore[method-assign]


def a_publish_that_drops_all_but_the_newest() -> None:
    def prune(self: DirectoryTarget, manifest: Any, *, came_from: str) -> str:
        for release_id in self._ids():
            if release_id != manifest.release.id:
                self._drop(release_id, manifest)
        return ""

    DirectoryTarget._prune = prune  # type: ignore[method-assign]


def a_server_that_never_looks_again() -> None:
    ReleaseKeeper.refresh = lambda _: False  # type: ignore[method-assign]


def a_harvest_that_notes_where_refs_stand_before_it_reads() -> None:
    read = harvest_run._Reader._read_opened

    def noted(self: Any, source: Any, findings: Any) -> Any:
        look = self._looker.look(source)
        if known := self._cache.get(look.key):
            self._cache.put(look.key, known._replace(state=look.state))
        return read(self, source, findings)

    harvest_run._Reader._read_opened = noted  # type: ignore[method-assign]


def a_build_that_goes_on_from_half_a_site() -> None:
    set_aside = KeptSite.set_aside

    def forgetful(self: KeptSite) -> None:
        if self.is_aside:
            self._remove(self._aside)
        set_aside(self)

    KeptSite.set_aside = forgetful  # type: ignore[method-assign]
    a_memory_that_is_believed_without_a_look_at_the_files()


def a_build_that_leaves_half_a_site_when_it_fails() -> None:
    build = WarmSite.build

    def careless(self: WarmSite, *given: Any) -> Any:
        try:
            return build(self, *given)
        except BaseException:
            pages = sorted((self._config_file.parent / "site").rglob("*/index.html"))
            for page in pages[::2]:
                page.unlink()
            raise

    WarmSite.build = careless  # type: ignore[method-assign]
    a_memory_that_is_believed_without_a_look_at_the_files()


def a_build_that_remembers_what_another_has_written() -> None:
    change_places = KeptSite._change_places

    def slowly(self: KeptSite) -> None:
        # What another build writes now is lost, which is why a build looks at whose files stand there.
        time.sleep(1)
        change_places(self)

    KeptSite._change_places = slowly  # type: ignore[method-assign]
    FileState.is_file_of = lambda *_: True  # type: ignore[method-assign]
    a_memory_that_is_believed_without_a_look_at_the_files()


def a_memory_that_is_believed_without_a_look_at_the_files() -> None:
    Keeping._is_as_left = lambda *_: True  # type: ignore[method-assign]


def a_harvest_that_takes_a_moved_branch_for_unmoved() -> None:
    GitDirectory.state = lambda *_, **__: "the same"  # type: ignore[method-assign]


def a_harvest_that_one_repository_ends() -> None:
    def failure(error: Exception, **_: Any) -> None:
        raise error

    harvest_run.failure_of = failure  # type: ignore[attr-defined,assignment]


BROKEN: dict[str, Callable[[], None]] = {
    "event-flood": a_log_that_knows_no_replay,
    "forged-webhooks": a_receiver_that_looks_at_no_signature,
    "event-kill": a_consumer_that_acknowledges_first,
    "retention-ahead": a_cut_that_tells_of_no_gap,
    "clock-jumps": release_ids_by_the_clock_alone,
    "log-power": a_log_that_forgets_to_sync,
    "broker-kill": a_consumer_that_acknowledges_first,
    "broker-network": an_append_that_writes_behind,
    "stream-frozen": an_append_that_takes_a_refusal_for_a_yes,
    "publish-kill": a_switch_that_is_not_atomic,
    "publish-syscalls": a_switch_that_is_not_atomic,
    "publish-power": a_publish_that_forgets_to_sync,
    "disk-full": a_publish_that_passes_over_errors,
    "target-refusing": a_push_that_takes_a_refusal_for_a_yes,
    "rollback-traffic": a_switch_that_is_not_atomic,
    "reader-over-releases": a_publish_that_drops_all_but_the_newest,
    "api-switch": a_server_that_never_looks_again,
    "harvest-kill": a_harvest_that_notes_where_refs_stand_before_it_reads,
    "build-kill": a_build_that_goes_on_from_half_a_site,
    "moved-harvest": a_harvest_that_takes_a_moved_branch_for_unmoved,
    "corrupt-repository": a_harvest_that_one_repository_ends,
    "state-lost": a_memory_that_is_believed_without_a_look_at_the_files,
    "two-builders": a_build_that_remembers_what_another_has_written,
    "memory-limit": a_build_that_leaves_half_a_site_when_it_fails,
}
