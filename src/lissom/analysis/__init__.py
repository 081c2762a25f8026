"""What is in an image: packages, programs, surface."""
