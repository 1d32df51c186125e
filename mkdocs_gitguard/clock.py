"""The one source of time, so that the same inputs give the same bytes.

`SOURCE_DATE_EPOCH` (https://reproducible-builds.org/specs/source-date-epoch/) sets it from outside. Durations are
measured with `time.perf_counter` where they are needed: they are not time of day.
"""

import os
import time
from datetime import UTC, datetime
from typing import Final

from mkdocs_gitguard.errors import SettingError

_VARIABLE: Final = "SOURCE_DATE_EPOCH"


def is_clock_set() -> bool:
    """Tell whether the present moment is set from outside, so that it says nothing of when something happens."""
    return bool(os.environ.get(_VARIABLE, "").strip())


def system_clock() -> datetime:
    """Return the present moment, aware, in UTC, to the second, or what `SOURCE_DATE_EPOCH` says.

    Raises:
        SettingError: `SOURCE_DATE_EPOCH` is not a whole number of seconds.
    """
    return system_moment().replace(microsecond=0)


def system_moment() -> datetime:
    """Return the present moment as `system_clock`, to the microsecond: freshness is less than a second.

    Raises:
        SettingError: as `system_clock`.
    """
    epoch = os.environ.get(_VARIABLE, "").strip()
    if not epoch:
        return datetime.fromtimestamp(time.time(), UTC)
    try:
        return datetime.fromtimestamp(int(epoch), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise SettingError(
            f"SOURCE_DATE_EPOCH is {epoch!r}.", hint="Set it to whole seconds since 1970-01-01, or unset it."
        ) from error
