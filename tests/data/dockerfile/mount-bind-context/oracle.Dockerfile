FROM busy:1
COPY a.txt dir/c.txt /c/
RUN cat /c/a.txt /c/c.txt > /r; rm -r /c
