FROM node:22 AS build
RUN groupadd -r shop && useradd -r -g shop -d /home/shop -m shop
WORKDIR /home/shop/app
COPY --chown=shop:shop . .
RUN mkdir -p /var/log/shop && chown shop:shop /var/log/shop
USER shop
RUN npm ci --omit=dev

FROM node:22-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates netbase tzdata \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd -r shop \
 && useradd -r -g shop -d /home/shop -m shop \
 && mkdir -p /var/log/shop \
 && chown shop:shop /var/log/shop
WORKDIR /home/shop/app
COPY --from=build /home/shop/app /home/shop/app
VOLUME /var/log/shop
EXPOSE 8080/tcp
USER shop
ENTRYPOINT ["node"]
CMD ["server.js"]
