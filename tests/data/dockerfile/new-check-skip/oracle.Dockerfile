FROM busy:1
MAINTAINER x
RUN echo x > /x
