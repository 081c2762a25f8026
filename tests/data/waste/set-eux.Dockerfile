FROM alpine:3.19
RUN set -eux; \
    apk add --no-cache --virtual .fetch-deps curl tar; \
    curl -fsSL -o /tmp/a.tgz https://example.org/a.tgz; \
    echo "0123  /tmp/a.tgz" | sha256sum -c -; \
    tar -xzf /tmp/a.tgz -C /usr/local; \
    rm /tmp/a.tgz; \
    apk del --no-network .fetch-deps
CMD ["a"]
