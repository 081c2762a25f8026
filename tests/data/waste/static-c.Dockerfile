FROM alpine:3.19 AS build
RUN apk add --no-cache gcc musl-dev
COPY main.c .
RUN gcc -O2 -static -s -o /app main.c
FROM scratch
COPY --from=build /app /app
CMD ["/app"]
