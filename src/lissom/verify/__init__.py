"""Probes: does an image still do what it did?"""
