FROM node:20 AS deps
WORKDIR /app
COPY package.json ./
RUN npm install
FROM deps AS build
COPY . .
RUN npm run build
FROM deps AS release
COPY --from=build /app/dist ./dist
RUN rm -rf node_modules && npm install --production
CMD ["node", "dist/main.js"]
