"""lissom: build, explain and shrink container images, without a daemon."""
