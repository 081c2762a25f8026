FROM node:22 AS build
RUN groupadd -r shop && useradd -r -g shop -d /home/shop -m shop
WORKDIR /home/shop/app
COPY --chown=shop:shop . .
RUN mkdir -p /var/log/shop && chown shop:shop /var/log/shop
USER shop
RUN npm ci --omit=dev
USER root
RUN mkdir -p /runtime && cd / && cp -a --parents -t /runtime usr/local/bin/node home/shop/app etc/passwd etc/group var/log/shop

# lissom distroless cc -t lissom/cc:bookworm
FROM lissom/cc:bookworm
WORKDIR /home/shop/app
COPY --from=build /runtime /
VOLUME /var/log/shop
EXPOSE 8080/tcp
USER shop
ENTRYPOINT ["node"]
CMD ["server.js"]
