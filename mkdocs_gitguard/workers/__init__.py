"""Repositories read by more than one machine: jobs, the workers that take them, and the facts that come back."""
