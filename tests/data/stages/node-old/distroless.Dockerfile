FROM node:12 AS build
WORKDIR /app
COPY package*.json ./
RUN npm install
COPY . .
RUN mkdir -p /runtime && cd / && cp -a --parents -t /runtime usr/local/bin/node app etc/passwd etc/group

# lissom distroless cc -t lissom/cc:bookworm
FROM lissom/cc:bookworm
WORKDIR /app
COPY --from=build /runtime /
EXPOSE 3000
USER node
CMD ["node", "bin/www", "--quiet"]
