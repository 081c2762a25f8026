FROM busy:1
RUN echo 'value $V \$x' > /f
