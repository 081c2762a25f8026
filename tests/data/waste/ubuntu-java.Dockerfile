FROM ubuntu:22.04
MAINTAINER ops
RUN apt-get -y update
RUN apt-get -y upgrade
RUN apt-get -y install openjdk-17-jdk
RUN apt-get clean
RUN rm -rf /var/lib/apt/lists/*
ADD app.jar /opt/app.jar
CMD java -jar /opt/app.jar
