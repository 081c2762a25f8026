FROM busy:1
RUN touch /n
