FROM registry.access.redhat.com/ubi9/ubi-minimal:9.3
RUN microdnf install -y java-17-openjdk-headless
COPY target/lib/ /deployments/lib/
COPY target/app.jar /deployments/app.jar
RUN chown -R 185 /deployments && \
    chmod -R g+rwX /deployments
USER 185
ENTRYPOINT ["java", "-jar", "/deployments/app.jar"]
