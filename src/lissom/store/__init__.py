"""Images, snapshots and the build cache on disk."""
