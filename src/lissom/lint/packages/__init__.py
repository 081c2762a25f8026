"""Package managers: what calls of them install, by which versions, after which files."""
