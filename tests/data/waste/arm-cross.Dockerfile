FROM --platform=$BUILDPLATFORM golang:1.22 AS build
ARG TARGETOS TARGETARCH
WORKDIR /src
COPY go.* ./
RUN go mod download
COPY . .
RUN GOOS=$TARGETOS GOARCH=$TARGETARCH go build -ldflags '-w -s' -o /out/app .
FROM gcr.io/distroless/base-debian12
COPY --from=build /out/app /
CMD ["/app"]
