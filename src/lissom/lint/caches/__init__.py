"""What package managers leave in layers: who fills a cache, what keeps it empty, what clears it."""
