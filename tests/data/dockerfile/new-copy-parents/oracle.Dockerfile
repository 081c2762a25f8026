FROM busy:1
COPY a.txt /x/
COPY dir/deep/d.txt /x/dir/deep/
