FROM node:18-alpine AS build
WORKDIR /app
COPY package*.json ./
RUN npm ci
COPY . .
RUN npm run build
FROM node:18-alpine
RUN npm install -g serve
COPY --from=build /app/node_modules /app/node_modules
COPY --from=build /app/public /app/public
CMD ["serve", "/app/public"]
