"""Browsers for the terminal: of an image's layers, and of what differs between two images."""
