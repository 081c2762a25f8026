FROM busy:1
COPY --chown=1000:33 a.txt /new/dir/
