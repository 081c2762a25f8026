FROM busy:1
RUN echo full > /f
