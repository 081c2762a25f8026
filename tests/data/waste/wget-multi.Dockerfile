FROM alpine:3.18
RUN apk update && apk upgrade && apk add bash wget
WORKDIR /opt
RUN wget -q https://example.org/a.zip && wget -q https://example.org/b.tar.gz && unzip -q a.zip && tar xf b.tar.gz
RUN rm a.zip b.tar.gz
