FROM node:20-alpine AS build
RUN apk add --no-cache --virtual .gyp python3 make g++ && apk add --no-cache tini
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build && apk del .gyp
RUN npm prune --omit=dev

FROM node:20-alpine
RUN apk add --no-cache tini
WORKDIR /app
COPY --from=build /app /app
ENTRYPOINT ["/sbin/tini", "--"]
CMD ["node", "dist/index.js"]
