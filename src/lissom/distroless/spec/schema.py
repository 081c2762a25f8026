"""The JSON Schema of specs, for editors and for whoever writes specs by program."""

from __future__ import annotations

from pathlib import Path

__all__ = ["schema"]


def schema() -> str:
    """A document of JSON Schema, draft 2020-12. What it cannot say, such as which files exist, reading a spec does."""
    return (Path(__file__).parents[1] / "spec.schema.json").read_text(encoding="utf-8")
