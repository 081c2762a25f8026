FROM busy:1
RUN echo 4 > /f
