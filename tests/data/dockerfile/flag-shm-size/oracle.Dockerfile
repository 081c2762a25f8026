FROM busy:1
RUN echo 32768 > /s
