"""The files that a build reads: directories, archives, repositories, and what .dockerignore hides of them."""
