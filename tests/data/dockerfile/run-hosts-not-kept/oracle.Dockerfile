FROM busy:1
RUN true
