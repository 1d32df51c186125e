"""Lists and indexes that several views show."""
