FROM busy:1
COPY dir/deep/d.txt /x/deep/
