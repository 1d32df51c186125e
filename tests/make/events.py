"""Events for the tests of whatever takes them."""

import json
from datetime import UTC, datetime

from mkdocs_gitguard.events.event import Event, EventRepository

AT = datetime(2026, 8, 1, 12, tzinfo=UTC)


def made_event(number: int, *, repository: str = "acme/billing", at: datetime | None = None, **fields) -> Event:
    """Return a push like no other of another number."""
    given = {
        "source": "github",
        "name": "push",
        "body": json.dumps({"number": number, "repository": {"full_name": repository}}).encode(),
        "accepted_at": at or datetime.now(UTC),
        "delivery": f"delivery-{number}",
        "repository": EventRepository(name=repository),
    }
    return Event(**given | fields)
