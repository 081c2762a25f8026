FROM node:12 AS build
WORKDIR /app
COPY package*.json ./
RUN npm install
COPY . .

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates netbase tzdata \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --gid 1000 node \
 && useradd --uid 1000 --gid node --shell /bin/bash --create-home node
WORKDIR /app
COPY --from=build /usr/local/bin/node /usr/local/bin/node
COPY --from=build /app /app
EXPOSE 3000
USER node
CMD ["node", "bin/www", "--quiet"]
