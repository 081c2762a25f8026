touch -- 'a b' '-dash' '$dollar' 'quo"te' "ap'o" '*star' '#hash' 'back\slash' '~tilde'; mkdir ' '; touch ' / '
