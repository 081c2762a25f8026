echo one > ../secret
