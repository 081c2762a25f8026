FROM ubuntu:22.04
RUN apt-get update && apt-get install -y --no-install-recommends openjdk-17-jdk-headless maven && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY pom.xml ./
RUN mvn dependency:go-offline
COPY src src
RUN mvn package -o
RUN rm -rf ~/.m2
CMD ["java", "-jar", "target/app.jar"]
