FROM ubuntu:22.04
RUN apt-get update && \
    apt-get install -y --no-install-recommends \
      g++ \
      cmake \
      ninja-build \
      libboost-all-dev \
    && rm -rf /var/lib/apt/lists/*
COPY . /opt/engine
WORKDIR /opt/engine/build
RUN cmake -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo .. && \
    ninja && \
    ninja install
RUN rm -rf /opt/engine
CMD ["engine"]
