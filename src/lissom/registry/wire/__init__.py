"""HTTP as registries need it: deadlines, trust, proxies, and what may be told to whom."""
