FROM golang:1.22-alpine
RUN apk add git make
WORKDIR /go/src/app
ADD . .
RUN go get ./...
RUN make build
RUN cp bin/app /app && rm -rf /go/src/app
ENTRYPOINT ["/app"]
