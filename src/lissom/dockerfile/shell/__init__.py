"""The shell language inside RUN: commands with their places in the Dockerfile."""
