"""An image as a value: manifest, config and layers over blobs."""
