FROM busy:1
RUN echo s > /got
