"""Repositories read through git processes, hardened: the only room that runs git."""
