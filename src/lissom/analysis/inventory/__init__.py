"""What an image is put together of, as a bill of materials tells it."""
