FROM busy:1
ADD . /x/
RUN rm /x/*.md
