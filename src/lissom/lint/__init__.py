"""Rules that find what makes images fat, slow, unsafe or wrong, and the edits that mend it."""
