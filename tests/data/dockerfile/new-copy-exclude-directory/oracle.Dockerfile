FROM busy:1
COPY dir /x/
RUN rm -r /x/deep
