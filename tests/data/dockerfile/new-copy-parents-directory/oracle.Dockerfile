FROM busy:1
COPY dir/deep /x/dir/deep
