FROM golang:1.22-alpine AS build
WORKDIR /src
COPY . .
RUN go build -o /usr/local/bin/serve .

FROM alpine:3
RUN apk add --no-cache ca-certificates tzdata
WORKDIR /src
COPY --from=build /usr/local/bin/serve /usr/local/bin/serve
CMD ["serve"]
