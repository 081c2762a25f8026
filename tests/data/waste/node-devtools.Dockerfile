FROM node:lts-bullseye
WORKDIR /usr/src/app
ADD package.json .
ADD package-lock.json .
RUN npm install && npm install -g pm2 typescript
ADD . .
RUN tsc
RUN npm prune --production
RUN chown -R node:node .
USER node
CMD ["pm2-runtime", "dist/main.js"]
