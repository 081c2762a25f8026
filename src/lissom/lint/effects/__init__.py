"""What a step writes, moves, removes and reads, as far as its text tells."""
