FROM busy:1
RUN echo hidden-word-1 | md5sum > /r; echo '400 0 0' >> /r
