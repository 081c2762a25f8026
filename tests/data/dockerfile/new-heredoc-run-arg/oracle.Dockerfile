FROM busy:1
ARG V=1
ENV E=2
RUN echo $V $E > /f
