FROM busy:1
RUN mkdir /x && mkfifo -m 640 /x/fifo && mknod /x/null c 1 3 && mknod /x/blk b 7 0
