"""What the names of images tell, and what images hold."""
