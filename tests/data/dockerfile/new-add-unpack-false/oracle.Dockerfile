FROM busy:1
COPY a.tar /x/
