echo hidden-word-6 > ../secret
