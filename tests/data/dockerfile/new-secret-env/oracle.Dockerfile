FROM busy:1
RUN echo hidden-word-4 | md5sum > /f; touch /g
