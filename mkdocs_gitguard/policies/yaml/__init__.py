"""Reading YAML with the lines of every value."""
