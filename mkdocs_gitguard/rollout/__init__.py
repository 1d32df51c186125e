"""Flags, phases, repository selection and gates: what may be seen, and when the next step is safe."""
