FROM busy:1
RUN echo a b > /f; echo 'c\\d' >> /f
