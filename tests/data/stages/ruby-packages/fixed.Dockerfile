FROM debian:bookworm-slim
ENV LANG=C.UTF-8
RUN apt-get update
RUN apt-get install -y \
    ruby-sinatra \
    puma ca-certificates netbase tzdata
WORKDIR /app
COPY . .
EXPOSE 4567
CMD ["puma", "config.ru"]
