FROM busy:1
WORKDIR /w
COPY a.txt sub/
