printf hidden-word-4 > ../secret
