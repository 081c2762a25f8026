FROM busy:1
RUN echo 'a <<' > /f; echo b >> /f
