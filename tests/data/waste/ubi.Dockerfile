FROM registry.access.redhat.com/ubi9/ubi-minimal:9.3
RUN microdnf install -y --nodocs --setopt=install_weak_deps=0 java-17-openjdk-headless \
    && microdnf clean all
COPY --chown=185 target/app.jar /deployments/app.jar
USER 185
ENTRYPOINT ["java", "-jar", "/deployments/app.jar"]
