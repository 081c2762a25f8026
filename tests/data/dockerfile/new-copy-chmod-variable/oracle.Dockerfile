FROM busy:1
ARG M=600
COPY --chmod=600 a.txt /x/
