"""The language of images: digests, references, platforms and documents. No input or output."""
