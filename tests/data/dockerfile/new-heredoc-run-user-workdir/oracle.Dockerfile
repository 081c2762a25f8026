FROM busy:1
WORKDIR /home/app
USER app
RUN pwd > p; id -un > u
