"""The tree of packages that were configured by their own scripts."""
