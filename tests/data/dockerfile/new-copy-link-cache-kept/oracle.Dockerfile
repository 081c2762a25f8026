FROM busy:1
COPY a.txt /a
COPY b.md /b
