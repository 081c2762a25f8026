FROM openjdk:8-jdk
ENV ANDROID_HOME /opt/android-sdk
RUN mkdir -p ${ANDROID_HOME} && cd ${ANDROID_HOME} && \
    wget -q https://example.org/sdk-tools-linux.zip -O android_tools.zip && \
    unzip android_tools.zip
RUN yes | ${ANDROID_HOME}/tools/bin/sdkmanager --licenses
RUN dpkg --add-architecture i386
RUN apt-get update && apt-get install -yq libstdc++6:i386 zlib1g:i386 --no-install-recommends && apt-get clean
RUN rm -rf /var/lib/apt/lists/*
