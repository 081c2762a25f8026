mkdir d; printf x > "$(printf 'd/\377\376')"
