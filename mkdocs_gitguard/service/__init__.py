"""Long-running processes, thin over the rooms below: watch."""
