FROM debian:bookworm-slim
COPY jdk.tar.gz /opt/
RUN tar -xzf /opt/jdk.tar.gz -C /opt && rm /opt/jdk.tar.gz
ENV JAVA_HOME=/opt/jdk
COPY app.jar /app.jar
CMD ["/opt/jdk/bin/java", "-jar", "/app.jar"]
