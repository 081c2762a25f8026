FROM busy:1
RUN echo x > /f
