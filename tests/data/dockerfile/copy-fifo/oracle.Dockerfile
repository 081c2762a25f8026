FROM busy:1
COPY d /d
RUN mkfifo -m 644 /d/p
