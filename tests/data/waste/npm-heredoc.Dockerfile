# syntax=docker/dockerfile:1
FROM node:20-slim
WORKDIR /app
COPY . .
RUN <<EOT bash
  set -ex
  npm ci
  npm run build
EOT
USER node
