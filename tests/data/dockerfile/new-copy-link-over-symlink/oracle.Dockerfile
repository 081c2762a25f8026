FROM busy:1
RUN rm /data/dirlink && mkdir /data/dirlink && echo a > /data/dirlink/a.txt
