FROM debian:bookworm-slim
COPY bin/ /usr/local/bin/
RUN strip /usr/local/bin/*
RUN setcap cap_net_bind_service=+ep /usr/local/bin/server
