FROM busy:1
RUN mkdir /x; echo l > /x/l.txt
