"""What files and variables are secrets by their names."""
