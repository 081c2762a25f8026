FROM eclipse-temurin:21-jdk-jammy AS build
WORKDIR /app
COPY . .
RUN ./gradlew --no-daemon bootJar && mkdir -p /opt/app && cp build/libs/app.jar /opt/app/app.jar
RUN jlink --no-header-files --no-man-pages --compress=2 \
      --add-modules java.se,jdk.charsets,jdk.crypto.ec,jdk.httpserver,jdk.localedata,jdk.management,\
jdk.net,jdk.naming.dns,jdk.security.auth,jdk.unsupported,jdk.zipfs \
      --output /runtime/opt/java \
 && cp -L "$JAVA_HOME/lib/security/cacerts" /runtime/opt/java/lib/security/

FROM debian:bookworm-slim
ENV JAVA_HOME=/opt/java PATH=/opt/java/bin:$PATH LANG=C.UTF-8
ENV JAVA_OPTS=-Xmx512m
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates netbase tzdata fontconfig libfreetype6 libharfbuzz0b libjpeg62-turbo liblcms2-2 libpng16-16 \
 && rm -rf /var/lib/apt/lists/* \
 && mkdir -p /opt/app
WORKDIR /app
COPY --from=build /runtime /
COPY --from=build /opt/app/app.jar /opt/app/app.jar
ENTRYPOINT ["java", "-jar", "/opt/app/app.jar"]
