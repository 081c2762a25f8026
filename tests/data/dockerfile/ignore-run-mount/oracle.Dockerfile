FROM busy:1
COPY . /c
RUN cp -r /c /tmp/c && rm -r /c && mv /tmp/c /c && ls -R /c > /ls && rm -r /c
