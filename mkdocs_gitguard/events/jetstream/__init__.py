"""The log on a JetStream server, for any number of machines. Needs the extra `jetstream` (nats-py)."""
