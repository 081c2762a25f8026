FROM busy:1
RUN echo '[1600000000]' > /f
