"""Edits of instructions that several fixes make."""
