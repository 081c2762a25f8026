"""The tree of packages whose scripts never run."""
