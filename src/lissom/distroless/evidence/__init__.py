"""Layers, and where everything in them comes from."""
