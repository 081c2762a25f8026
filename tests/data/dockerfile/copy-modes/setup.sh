mkdir m; cd m; for i in 0600 0755 0444 4755 2755 1777 0000 0111; do echo $i > f$i; chmod $i f$i; mkdir d$i; chmod $i d$i; done
