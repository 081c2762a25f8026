# The shop's front end
FROM node:18-bookworm AS build
WORKDIR /usr/src/app
COPY package.json yarn.lock ./
RUN yarn install --frozen-lockfile
COPY . .
RUN yarn build
RUN yarn install --production --ignore-scripts --prefer-offline

FROM node:18-bookworm-slim
LABEL org.opencontainers.image.title="front"
ENV NODE_ENV=production PORT=3000
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates netbase tzdata \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /usr/src/app
COPY --from=build /usr/src/app /usr/src/app
EXPOSE 3000
# started without yarn, so that signals arrive
CMD ["node", "build/index.js"]
