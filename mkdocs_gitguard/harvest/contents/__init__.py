"""What the files of a head commit say of a repository: languages, licence, README, policy files."""
