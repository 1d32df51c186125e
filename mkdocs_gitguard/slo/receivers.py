"""Who is told: a webhook by plain HTTP, and anything that apprise knows. A failure is a sentence, never an exception.

No URL stands in a sentence: it alone gives access. A receiver is called by its place in the setting and its kind.

Of apprise (2.3) nothing is taken for granted: `add` of a URL that it does not know returns False and says nothing,
`notify` without a service raises nothing, and a receiver that is slow is reported as failed when all is sent already.
So each URL is an object of its own, every result is looked at, and the time that we wait is our own.
"""

from __future__ import annotations

import hashlib
import json
import threading
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mkdocs_gitguard.errors import Interruption

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mkdocs_gitguard.slo.notices import Notice

DEADLINE: Final = 10.0
"""Seconds that a receiver has in all, however slowly it answers."""
_LONGEST_KIND: Final = 20


class Receiver(NamedTuple):
    """One who is told."""

    id: str
    """Digest of the URL: the same receiver is known again, and its secret is not kept."""
    label: str
    send: Callable[[Notice], str]
    """Returns what went wrong, `""` for nothing."""


def receivers(webhook: str, urls: Sequence[str]) -> tuple[Receiver, ...]:
    """Return who is to be told.

    Args:
        webhook: posted to as JSON; `""`: none.
        urls: of apprise.
    """
    everybody = [Receiver(_id(webhook), "ALERT_WEBHOOK_URL", lambda notice: _post(webhook, notice))] if webhook else []
    for number, url in enumerate(urls, 1):
        kind = url.partition("://")[0][:_LONGEST_KIND] if "://" in url else "?"
        label = f"ALERT_NOTICE_URLS, number {number} ({kind})"
        everybody.append(Receiver(_id(url), label, lambda notice, url=url: _by_apprise(url, notice)))  # type: ignore[misc]
    return tuple(everybody)


def tell(receiver: Receiver, notice: Notice, *, deadline: float = DEADLINE) -> str:
    """Tell somebody something, and return what went wrong, `""` for nothing.

    Args:
        receiver: who.
        notice: what.
        deadline: seconds to wait in all.
    """
    answers: list[str] = []

    def work() -> None:
        try:
            answers.append(receiver.send(notice))
        except Interruption:
            raise
        except Exception as error:  # noqa: BLE001 - of any of a hundred services
            answers.append(f"it failed: {type(error).__name__}")

    # Of the standard library's time limits each is for one read or write; a receiver that drips bytes meets none.
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(deadline)
    return answers[0] if answers else f"it did not answer within {deadline:g} s"


def _id(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()[:16]


def _post(url: str, notice: Notice) -> str:
    """Post a notice as JSON; `text` is what Slack and those like it show."""
    document = {
        "text": f"{notice.title}\n{notice.body}",
        "title": notice.title,
        "body": notice.body,
        "state": notice.state,
        "key": notice.key,
    }
    # Imported where somebody is told: who only judges need not wait for it.
    import urllib.error  # noqa: PLC0415
    import urllib.request  # noqa: PLC0415

    request = urllib.request.Request(  # noqa: S310 - the setting takes http and https alone
        url,
        data=json.dumps(document).encode(),
        headers={"Content-Type": "application/json", "User-Agent": "mkdocs-gitguard"},
        method="POST",
    )
    try:
        with urllib.request.urlopen(request, timeout=DEADLINE):  # noqa: S310 - as above
            return ""
    except urllib.error.HTTPError as error:
        with error:
            return f"it answered {error.code}"
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        return f"it cannot be reached: {getattr(reason, 'strerror', None) or type(reason).__name__}"


def _by_apprise(url: str, notice: Notice) -> str:
    if find_spec("apprise") is None:
        return "apprise is not installed; install it with: pip install 'mkdocs-gitguard[notices]'"
    apprise: Any = import_module("apprise")
    service = apprise.Apprise()
    if not service.add(url):
        return "apprise does not know this URL"
    kinds = {"alert": apprise.NotifyType.FAILURE, "over": apprise.NotifyType.SUCCESS}
    sent = service.notify(
        title=notice.title, body=notice.body, notify_type=kinds.get(notice.state, apprise.NotifyType.INFO)
    )
    # A result of 2.x is a value of its own, true where all were told; before, it was True, False or None.
    return "" if sent else "apprise could not deliver it"
