"""The ledger of an image: every byte with its layer, its instruction, its package, its fate."""
