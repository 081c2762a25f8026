"""Registries: images pulled from and pushed to them over HTTP, as the distribution specification says."""
