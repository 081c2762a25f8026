"""Blobs and manifests on their way to a registry."""
