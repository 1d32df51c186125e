"""The page of exceptions, what stands of them elsewhere, and the calendar."""

import re
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from make.portal import html_of, pages_of
from make.snapshot import GUARD_POLICY, NOW, SPITE, exception, guardrails, with_exceptions
from msgspec.structs import replace

from mkdocs_gitguard.model import PolicyException
from mkdocs_gitguard.portal.lists.exceptions import calendar
from mkdocs_gitguard.portal.now import Now


def in_days(days: int) -> datetime:
    return NOW + timedelta(days=days)


def test_what_has_ended_stands_first_and_what_changes_soon_by_its_day() -> None:
    snapshot = with_exceptions(
        exception("a-open"),
        exception("b-later", ends_at=in_days(91)),
        exception("c-soon", ends_at=in_days(90), reason="For <b>now</b>", policies=(GUARD_POLICY,)),
        exception("d-ended", ends_at=in_days(-1)),
        exception("e-today", ends_at=NOW),
        exception("f-start", type="start", starts_at=in_days(3), format="rego"),
        exception("g-in-force", type="start", starts_at=in_days(-3), format="rego"),
    )
    html = html_of(pages_of(snapshot), "exception")
    table = html[html.index("<table") :]
    assert re.findall(r'data-value="([a-g]-[\w-]+)"', table) == [
        "d-ended", "e-today", "f-start", "c-soon", "b-later", "a-open",
    ]  # fmt: skip
    ahead = html[html.index('id="ahead"') : html.index('id="all"')]
    assert re.findall(r">([a-g]-[\w-]+)<", ahead) == ["e-today", "f-start", "c-soon"]
    assert "comes into force" in ahead
    assert "For &lt;b&gt;now&lt;/b&gt;" in html
    assert "g-in-force" not in html
    assert "<strong>1</strong> has ended" in html


def test_pages_of_the_repository_the_policy_and_home_tell_of_them() -> None:
    team = "owner:team/acme/policy"
    pages = pages_of(with_exceptions(exception("x", ends_at=in_days(5), policies=(GUARD_POLICY,), owners=(team,))))
    for path in ("owner/team/acme/policy", "repository/acme/guardrails", "policy/acme/guardrails/rego/repo.guard"):
        assert 'id="exceptions"' in html_of(pages, path), path
    home = re.sub(r"<[^>]+>", " ", html_of(pages, ""))
    assert "1 change comes within 90 days" in " ".join(home.split())
    none = pages_of(guardrails())
    assert none.by_path["exception"].nav is None
    assert "No exception from a policy was found" in html_of(none, "exception")
    assert 'id="exceptions"' not in html_of(none, "repository/acme/guardrails")


def test_a_flag_hides_them() -> None:
    pages = pages_of(
        with_exceptions(exception("x")), flags=replace(pages_of(guardrails()).portal.flags, policy_transparency=False)
    )
    assert "exception" not in pages.by_path


def test_many_stand_in_parts() -> None:
    pages = pages_of(with_exceptions(*(exception(f"x{number:03}", scope=SPITE) for number in range(250))))
    assert [path for path in pages.by_path if path.startswith("exception")] == [
        "exception", "exception/page-2", "exception/page-3",
    ]  # fmt: skip
    assert "<script>window" not in html_of(pages, "exception/page-3")


def unfolded(data: bytes) -> list[str]:
    assert data.endswith(b"\r\n")
    lines = data.split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    for line in lines:
        line.decode()
    return data.decode().replace("\r\n ", "").split("\r\n")[:-1]


def calendar_of(*exceptions: PolicyException, now: datetime = NOW) -> list[str]:
    graph = pages_of(with_exceptions(*exceptions)).portal.graph
    return unfolded(calendar(exceptions, graph.repositories, graph.labels, Now(now)))


def test_the_calendar() -> None:
    one = exception("disallow-host", starts_at=in_days(-400), ends_at=in_days(5), reason="a, b; c\\d")
    lines = calendar_of(one, exception("open"))
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-1] == "END:VCALENDAR"
    assert lines.count("BEGIN:VEVENT") == 1
    assert f"DTSTART;VALUE=DATE:{in_days(5):%Y%m%d}" in lines
    assert f"DTSTAMP:{NOW:%Y%m%dT%H%M%SZ}" in lines
    assert "SUMMARY:Exception ends: disallow-host in acme/guardrails" in lines
    [description] = [line for line in lines if line.startswith("DESCRIPTION:")]
    assert "a\\, b\\; c\\\\d\\nOwner: none" in description
    assert calendar_of(one, exception("open"), now=NOW + timedelta(hours=1)) == lines
    assert "BEGIN:VEVENT" not in calendar_of(one, now=in_days(96))


def test_the_last_day_that_there_is() -> None:
    lines = calendar_of(exception("x", ends_at=datetime(9999, 12, 31, 23, tzinfo=UTC)))
    assert "DTSTART;VALUE=DATE:99991231" in lines


@given(st.text(), st.text(), st.integers(0, 365 * 7900).map(in_days))
def test_any_text_makes_a_calendar(name: str, reason: str, at: datetime) -> None:
    lines = calendar_of(exception(name, reason=reason, scope=reason, ends_at=at))
    assert all(re.match(r"[A-Z-]+[:;]", line) for line in lines)
