FROM gcc:13 AS build
COPY . /usr/src/app
WORKDIR /usr/src/app
RUN gcc -o app main.c -lm

FROM debian:bookworm-slim
WORKDIR /usr/src/app
COPY --from=build /usr/src/app/app /usr/src/app/app
ENTRYPOINT ["./app"]
