FROM debian:bookworm AS build
RUN apt-get update && apt-get install -y gcc libc6-dev
WORKDIR /hello
COPY . .
RUN gcc -O2 -o hello hello.c

FROM debian:bookworm-slim
WORKDIR /hello
COPY --from=build /hello/hello /hello/hello
COPY --from=build /hello/greeting.txt /hello/greeting.txt
CMD ["./hello", "greeting.txt"]
