"""Keep what an app uses, and prove that it still works."""
