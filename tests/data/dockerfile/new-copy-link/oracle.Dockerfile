FROM busy:1
COPY a.txt dir /x/
