FROM busy:1
RUN echo /made/for/mount/a.txt > /f
