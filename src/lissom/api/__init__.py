"""One short function for each command: what ``lissom`` does, callable from Python."""
