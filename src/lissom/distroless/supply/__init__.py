"""Which packages a spec needs, and where they are on this machine."""
