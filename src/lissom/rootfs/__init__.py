"""Trees of files, tar streams, compression, directories on disk."""
