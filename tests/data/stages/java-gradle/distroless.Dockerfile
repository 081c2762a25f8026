FROM eclipse-temurin:21-jdk-jammy AS build
WORKDIR /app
COPY . .
RUN ./gradlew --no-daemon bootJar && mkdir -p /opt/app && cp build/libs/app.jar /opt/app/app.jar
RUN jlink --no-header-files --no-man-pages --compress=2 \
      --add-modules java.se,jdk.charsets,jdk.crypto.ec,jdk.httpserver,jdk.localedata,jdk.management,\
jdk.net,jdk.naming.dns,jdk.security.auth,jdk.unsupported,jdk.zipfs \
      --output /runtime/opt/java \
 && cp -L "$JAVA_HOME/lib/security/cacerts" /runtime/opt/java/lib/security/
RUN mkdir -p /runtime && cd / && cp -a --parents -t /runtime opt/app

# lissom distroless cc --add fontconfig --add libfreetype6 --add libharfbuzz0b --add libjpeg62-turbo --add liblcms2-2 --add libpng16-16 --add zlib1g -t lissom/cc-409eade0:bookworm
FROM lissom/cc-409eade0:bookworm
ENV JAVA_HOME=/opt/java PATH=/opt/java/bin:$PATH LANG=C.UTF-8
ENV JAVA_OPTS=-Xmx512m
WORKDIR /app
COPY --from=build /runtime /
ENTRYPOINT ["java", "-jar", "/opt/app/app.jar"]
