mkdir m; cd m; i=0; while [ $i -lt 600 ]; do mkdir -p d$((i%20)); echo $i > d$((i%20))/f$i; i=$((i+1)); done
