"""Measurements, objectives, alert rules and charts."""
