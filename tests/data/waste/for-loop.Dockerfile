FROM debian:bookworm-slim
RUN apt-get update && for p in nginx php-fpm; do apt-get install -y $p; done
RUN if [ -n "$DEBUG" ]; then apt-get install -y vim gdb; fi
CMD ["nginx"]
