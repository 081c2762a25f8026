"""Images from Debian packages: the archive, its packages, what is made of them."""
