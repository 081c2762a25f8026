FROM busy:1
COPY . /x/
RUN rm /x/*.md /x/dir/deep/e.md
