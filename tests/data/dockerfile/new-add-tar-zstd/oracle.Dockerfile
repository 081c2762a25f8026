FROM busy:1
COPY dir /x/dir
