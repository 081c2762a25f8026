FROM node:20-bookworm AS build
RUN npm install -g pm2@5 && npm cache clean --force
RUN mkdir -p /app/uploads && chown -R node:node /app && chmod 775 /app
WORKDIR /app
COPY --chown=node:node package.json ./
RUN npm install
COPY --chown=node:node . .

FROM node:20-bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates netbase tzdata \
 && rm -rf /var/lib/apt/lists/* \
 && npm install -g pm2@5 \
 && mkdir -p /app \
 && chown node:node /app \
 && chmod 775 /app
WORKDIR /app
COPY --from=build /app /app
EXPOSE 4000 9229
USER node
CMD ["pm2-runtime", "ecosystem.config.js"]
