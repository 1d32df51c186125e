"""Workers that take their jobs from a JetStream server. Needs the extra `jetstream` (nats-py)."""
