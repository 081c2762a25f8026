FROM busy:1
RUN echo lo > /f
