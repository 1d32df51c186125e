"""What the commits of a repository say: pull requests, authors, tags, line counts."""
