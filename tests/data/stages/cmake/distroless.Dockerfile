FROM debian:12 AS build
RUN apt-get update && apt-get install -y g++ cmake ninja-build libssl-dev libfoo-dev libpng-dev
COPY . /usr/src/tool
RUN cmake -G Ninja -B /tmp/build -S /usr/src/tool && cmake --build /tmp/build && cmake --install /tmp/build && ldconfig
RUN mkdir -p /runtime && cd / && cp -a --parents -t /runtime usr/local

# lissom distroless cc --add libfoo-dev --add libpng16-16 -t lissom/cc-libfoo-dev-libpng16-16:bookworm
FROM lissom/cc-libfoo-dev-libpng16-16:bookworm
ENV LD_LIBRARY_PATH=/usr/local/lib
COPY --from=build /runtime /
CMD ["tool", "--listen", "7000"]
