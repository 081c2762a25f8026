{ echo FROM busy:1; for i in $(seq 400); do echo LABEL l$i=$i; done; } > Dockerfile
