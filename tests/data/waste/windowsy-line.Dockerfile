FROM ubuntu:22.04
RUN apt-get update --fix-missing && DEBIAN_FRONTEND=noninteractive TZ=Etc/UTC apt-get -y install tzdata
RUN apt-get install -y man-db less sudo
RUN echo "user ALL=(ALL) NOPASSWD:ALL" >> /etc/sudoers
