"""What an image of packages is to be: the language of specs."""
