"""The command line: flags, terminal, exit codes. The only part that prints, exits or reads the environment."""
