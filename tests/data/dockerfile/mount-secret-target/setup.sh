echo hidden-word-2 > ../secret
