FROM golang:1.20-alpine AS builder
RUN apk add --no-cache git
WORKDIR /src
COPY . .
RUN go mod download
RUN CGO_ENABLED=0 go build -o /bin/worker .

FROM alpine:3.18
RUN apk add ca-certificates tzdata
RUN apk add --update bash curl vim
COPY --from=builder /bin/worker /bin/worker
COPY --from=builder /src /src
CMD ["worker"]
