FROM busy:1
RUN printf 'one\ntwo\n' > /f
