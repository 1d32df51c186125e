"""Drills: experiments, faults and their journal."""
