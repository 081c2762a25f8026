FROM busy:1
RUN echo 123 > /n; echo 456 > /h
