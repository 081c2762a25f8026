FROM maven:3.9-eclipse-temurin-17
WORKDIR /build
COPY pom.xml .
COPY src ./src
RUN mvn -q package
RUN cp target/app.jar /app.jar
ENTRYPOINT ["java","-jar","/app.jar"]
