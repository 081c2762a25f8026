"""From a single stage to two: one that builds, and one that holds what runs."""
