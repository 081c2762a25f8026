FROM busy:1
RUN printf 'tabs\n  gone\n' > /f
