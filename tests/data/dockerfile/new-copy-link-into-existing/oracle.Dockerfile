FROM busy:1
COPY dir /data/
