"""The language of Dockerfiles: text, instructions, stages. No input or output."""
