FROM debian:bookworm
RUN set -ex; \
    apt-get update; \
    apt-get install -y curl gnupg; \
    curl -fsSLO https://example.org/agent.deb; \
    dpkg -i agent.deb; \
    curl -s https://example.org/key.asc | gpg --import
CMD ["agent"]
