FROM node:20-slim
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --production
COPY . .
RUN apt-get update && \
    apt-get install -y curl
CMD ["node", "index.js"]
