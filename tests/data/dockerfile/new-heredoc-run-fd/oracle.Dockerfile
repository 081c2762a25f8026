FROM busy:1
RUN echo by fd > /f
