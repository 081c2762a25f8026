FROM golang:1.22 AS build
COPY . .
RUN go build -o /serve .

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates netbase tzdata \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /go
COPY --from=build /serve /serve
CMD ["/serve"]
