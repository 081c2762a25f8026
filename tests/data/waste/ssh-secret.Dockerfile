FROM node:18-alpine
ARG NPM_TOKEN
WORKDIR /usr/src/app
COPY id_rsa /root/.ssh/id_rsa
RUN apk add git openssh
RUN echo "//registry.example.org/:_authToken=${NPM_TOKEN}" > .npmrc
COPY package*.json ./
RUN npm install --production
RUN rm -f .npmrc /root/.ssh/id_rsa
COPY . .
CMD [ "node", "server.js" ]
