FROM debian:bookworm AS build
RUN apt-get update && apt-get install -y gcc libc6-dev
WORKDIR /hello
COPY . .
RUN gcc -O2 -o hello hello.c
RUN mkdir -p /runtime && cd / && cp -a --parents -t /runtime hello/hello hello/greeting.txt

# lissom distroless cc -t lissom/cc:bookworm
FROM lissom/cc:bookworm
WORKDIR /hello
COPY --from=build /runtime /
CMD ["./hello", "greeting.txt"]
