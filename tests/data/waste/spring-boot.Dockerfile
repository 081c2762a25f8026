FROM openjdk:17-jdk
VOLUME /tmp
WORKDIR /workspace
COPY . .
RUN ./mvnw clean package -DskipTests
RUN mv target/*.jar /app.jar
EXPOSE 8080
ENTRYPOINT ["java","-Djava.security.egd=file:/dev/./urandom","-jar","/app.jar"]
