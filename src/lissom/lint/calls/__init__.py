"""Programs that commands call, seen through `sudo`, `env`, `sh -c` and their like."""
