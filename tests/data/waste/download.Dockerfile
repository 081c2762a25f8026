FROM debian:bookworm
RUN apt-get update && apt-get install -y wget ca-certificates xz-utils
RUN wget https://example.org/tool-1.2.tar.xz -O /tmp/tool.tar.xz
RUN tar xf /tmp/tool.tar.xz -C /opt
RUN rm /tmp/tool.tar.xz
CMD ["/opt/tool/bin/tool"]
