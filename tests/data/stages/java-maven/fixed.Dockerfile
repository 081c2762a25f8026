FROM maven:3.9-eclipse-temurin-17 AS build
WORKDIR /work
COPY pom.xml .
RUN mvn -B dependency:go-offline
COPY src src
RUN mvn -B package -DskipTests
RUN jlink --no-header-files --no-man-pages --compress=2 \
      --add-modules java.se,jdk.charsets,jdk.crypto.ec,jdk.httpserver,jdk.localedata,jdk.management,\
jdk.net,jdk.naming.dns,jdk.security.auth,jdk.unsupported,jdk.zipfs \
      --output /runtime/opt/java \
 && cp -L "$JAVA_HOME/lib/security/cacerts" /runtime/opt/java/lib/security/

FROM debian:bookworm-slim
ENV JAVA_HOME=/opt/java PATH=/opt/java/bin:$PATH LANG=C.UTF-8
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates netbase tzdata \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /work
COPY --from=build /runtime /
COPY --from=build /work/target/shop-1.0.jar /work/target/shop-1.0.jar
EXPOSE 8080
CMD ["java", "-Xmx256m", "-jar", "target/shop-1.0.jar"]
