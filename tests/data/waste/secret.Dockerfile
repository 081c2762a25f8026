FROM node:18
WORKDIR /app
COPY .npmrc package.json ./
RUN npm install
RUN rm .npmrc
COPY . .
CMD ["node", "server.js"]
