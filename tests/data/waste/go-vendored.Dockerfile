FROM golang:1.21
WORKDIR /go/src/app
COPY . .
RUN CGO_ENABLED=0 go build -mod=vendor -o app
RUN mkdir /out && cp app /out/
CMD ["/out/app"]
