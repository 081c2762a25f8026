FROM alpine:3.19
RUN apk add --no-cache curl && curl -fsSL https://example.org/kafka.tgz -o /kafka.tgz && tar xzf /kafka.tgz
RUN mv /kafka-3.6 /opt/kafka
RUN rm -rf /opt/kafka/site-docs /opt/kafka/bin/windows
RUN touch /opt/kafka/LICENSE
RUN addgroup kafka && adduser -D -G kafka kafka && chown -R kafka:kafka /opt/kafka
USER kafka
