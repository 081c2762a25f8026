"""Debian archives: sources, signed releases, indexes, package files."""
