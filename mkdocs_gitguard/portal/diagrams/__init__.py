"""Diagrams: what each one shows, as Mermaid, as SVG, and as a figure of a page."""
