FROM busy:1
RUN echo 1 > /0; echo ash > /1
