FROM gradle:8-jdk17
COPY . /home/gradle/project
WORKDIR /home/gradle/project
RUN gradle build --no-daemon
EXPOSE 8080
CMD ["java", "-jar", "build/libs/app.jar"]
