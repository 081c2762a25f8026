FROM golang:1.21-bullseye
ENV GO111MODULE=on CGO_ENABLED=0
WORKDIR /app
COPY . /app
RUN go build -ldflags "-X main.version=$(git describe)" -o /usr/local/bin/svc . && go clean -cache -modcache
RUN rm -rf /app
ENTRYPOINT ["svc"]
