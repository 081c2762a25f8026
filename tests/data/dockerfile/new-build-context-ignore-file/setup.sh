mkdir ../lib; echo l > ../lib/l.txt; echo m > ../lib/m.txt; echo 'm.txt
.dockerignore' > ../lib/.dockerignore
