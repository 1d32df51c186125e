"""What every record is made of."""

import msgspec


class Record(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An immutable value. Its JSON form and its JSON Schema come from its fields.

    Moments are aware datetimes in UTC, written as RFC 3339 with a trailing `Z`. References to other nodes are
    their ids. `gc=False`: records hold values only, never each other in a circle, so the collector may pass
    them over (https://jcristharif.com/msgspec/structs.html#disabling-garbage-collection-advanced).
    """
