FROM node:20-slim AS base
WORKDIR /app
COPY package.json package-lock.json ./
FROM base AS dev
RUN npm install
COPY . .
CMD ["npm", "run", "dev"]
FROM base AS prod
RUN npm ci --omit=dev && npm cache clean --force
COPY src ./src
CMD ["node", "src/index.js"]
