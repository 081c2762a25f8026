echo hidden-word-1 > ../secret
