FROM debian:bookworm-slim
RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends texlive-latex-base texlive-latex-base-doc make && rm -rf /var/lib/apt/lists/*
WORKDIR /doc
