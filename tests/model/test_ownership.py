from datetime import UTC, datetime, timedelta

import pytest

from mkdocs_gitguard.model import Owner, owner_state

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def seen(days, **more):
    last_at = None if days is None else NOW - timedelta(days=days)
    return Owner(id="owner:user/x", type="user", name="x", last_at=last_at, **more)


@pytest.mark.parametrize(
    ("owner", "members", "state"),
    [
        (seen(0), (), "active"),
        (seen(365), (), "active"),
        (seen(366), (), "inactive"),
        (seen(None), (), "unresolved"),
        (seen(1, is_alumnus=True), (), "inactive"),
        (seen(None, is_alumnus=True), (), "inactive"),
        (seen(None), (seen(400), seen(2)), "active"),
        (seen(None), (seen(400), seen(None)), "unresolved"),
        (seen(None), (seen(400), seen(3, is_alumnus=True)), "inactive"),
    ],
)
def test_owner_state_is_never_guessed(owner, members, state):
    assert owner_state(owner, members, NOW) == state
