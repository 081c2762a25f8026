FROM busy:1
SHELL ["/bin/ash", "-e", "-c"]
RUN echo 1 > /f
