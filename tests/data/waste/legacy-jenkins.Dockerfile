FROM jenkins/jenkins:2.426.1-lts-jdk17
USER root
RUN apt-get update
RUN apt-get install -y maven docker-compose
RUN curl -fsSL https://example.org/node_20.tar.gz -o /tmp/node.tgz \
 && tar -C /usr/local --strip-components 1 -xzf /tmp/node.tgz \
 && rm /tmp/node.tgz
USER jenkins
COPY plugins.txt /usr/share/jenkins/ref/plugins.txt
RUN jenkins-plugin-cli --plugin-file /usr/share/jenkins/ref/plugins.txt
