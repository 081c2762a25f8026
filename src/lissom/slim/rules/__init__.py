"""Why a file stays: one rule a file."""
