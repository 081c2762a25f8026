FROM busy:1
RUN env > /env; echo 0 > /n
