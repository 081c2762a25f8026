# escape=`
FROM debian:bookworm-slim
RUN apt-get update && `
    apt-get install -y `
      nano `
      nginx
COPY site /var/www
