FROM busy:1
COPY dir/c.txt /f
