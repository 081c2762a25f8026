FROM buildpack-deps:bookworm
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
RUN apt-get update \
  && apt-get install -y --no-install-recommends ffmpeg libav-tools gdb strace
RUN wget -qO- https://example.org/tool.tar.gz | tar xz -C /opt
RUN git clone --depth 1 https://example.org/scripts.git /opt/scripts
COPY run.sh /run.sh
RUN chmod 755 /run.sh
CMD ["/run.sh"]
