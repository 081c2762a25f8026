"""The build context: its files, those that no image needs, and the ignore file."""
