FROM debian:12 AS build
RUN apt-get update && apt-get install -y g++ cmake ninja-build libssl-dev libfoo-dev libpng-dev
COPY . /usr/src/tool
RUN cmake -G Ninja -B /tmp/build -S /usr/src/tool && cmake --build /tmp/build && cmake --install /tmp/build && ldconfig

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends libssl3 libfoo-dev libpng16-16 \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /usr/local /usr/local
RUN ldconfig
CMD ["tool", "--listen", "7000"]
