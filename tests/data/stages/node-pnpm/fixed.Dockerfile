FROM node:20 AS build
RUN corepack enable
WORKDIR /srv/api
COPY package.json pnpm-lock.yaml ./
RUN pnpm install --frozen-lockfile
COPY . .
RUN pnpm run build && \
    rm -rf src
RUN CI=true pnpm prune --prod

FROM node:20-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates netbase tzdata curl \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /srv/api
COPY --from=build /srv/api /srv/api
HEALTHCHECK --interval=30s CMD curl -fsS http://localhost:8000/health || exit 1
USER node
CMD ["node", "dist/main.js"]
