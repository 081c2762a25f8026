FROM busy:1
RUN echo l > /x
