FROM node:20 AS build
WORKDIR /app
COPY . .
RUN npm ci
RUN npm run build
FROM node:20
WORKDIR /app
COPY --from=build /app /app
CMD ["node", "dist/index.js"]
