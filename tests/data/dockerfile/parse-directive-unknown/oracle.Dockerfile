FROM busy:1
RUN echo a b > /x
