FROM busy:1
COPY dir /x/
RUN rm /x/deep/e.md
