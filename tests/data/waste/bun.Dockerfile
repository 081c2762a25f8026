FROM oven/bun:1 AS build
WORKDIR /app
COPY package.json bun.lockb ./
RUN bun install
COPY . .
RUN bun build --compile --outfile server index.ts
FROM debian:bookworm-slim
COPY --from=build /app/server /server
CMD ["/server"]
