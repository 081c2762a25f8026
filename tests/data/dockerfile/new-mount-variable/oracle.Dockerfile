FROM busy:1
ARG D=dir
ENV T=/data/empty
RUN echo ccc > /f
