FROM busy:1
COPY dir/deep/d.txt /x/dir/deep/
