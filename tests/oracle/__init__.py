"""Witnesses for the differential suite: docker's builder, base images and a flattener that share no code with lissom."""
