"""Facts in, snapshot out: who is who, which pull request is which, who owns what, what applies and what was decided."""
