FROM busy:1
COPY --chown=1:2 a.txt /x/
RUN chmod 4711 /x/a.txt
