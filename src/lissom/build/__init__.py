"""From a Dockerfile to an image: plan, keys, operations, solver."""
