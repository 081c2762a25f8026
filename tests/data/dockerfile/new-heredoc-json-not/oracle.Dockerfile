FROM busy:1
RUN echo '<<EOF' > /f
