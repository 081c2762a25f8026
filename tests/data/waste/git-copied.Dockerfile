FROM alpine:3.19
COPY .git /src/.git
COPY docs /src/docs
COPY node_modules /src/node_modules
COPY .env /src/.env
