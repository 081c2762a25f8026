FROM busy:1
COPY dir /x/
COPY a.txt /y/
COPY a.txt /z/
RUN chmod 755 /y/a.txt; chmod 600 /z/a.txt
