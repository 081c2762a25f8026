"""One process in a root file system: namespaces, mounts, capabilities, seccomp; no daemon, no runtime program."""
