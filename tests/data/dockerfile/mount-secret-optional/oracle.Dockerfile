FROM busy:1
RUN echo absent > /r
