"""Reading Rego: its outline with exact lines, and whether it parses."""
