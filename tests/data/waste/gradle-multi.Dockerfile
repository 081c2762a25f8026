FROM gradle:8.5-jdk17 AS build
COPY . /home/gradle/src
WORKDIR /home/gradle/src
RUN gradle bootJar --no-daemon
FROM amazoncorretto:17
COPY --from=build /home/gradle/src/build/libs/*.jar /app/app.jar
COPY --from=build /home/gradle /home/gradle
RUN yum install -y shadow-utils && useradd app
ENTRYPOINT ["java", "-jar", "/app/app.jar"]
