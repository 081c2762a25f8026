mkdir ../lib; echo l > ../lib/l.txt
