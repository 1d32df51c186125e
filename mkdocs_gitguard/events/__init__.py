"""The event log: its contract and its two implementations."""
