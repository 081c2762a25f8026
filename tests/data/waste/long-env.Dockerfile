FROM ubuntu:22.04
ENV A=1 \
    B=2
ENV PKGS="nginx vim"
RUN apt-get update; apt-get install -y --no-install-recommends $PKGS
RUN apt-get -y autoremove; apt-get -y clean
