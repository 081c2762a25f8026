FROM ubuntu:22.04 AS build
RUN apt-get update && apt-get install -y hugo
COPY . /site
RUN hugo -s /site -d /out
FROM ubuntu:22.04
RUN apt-get update
RUN apt-get install -y nginx
COPY --from=build /out /var/www/html
COPY --from=build /site /site
CMD ["nginx", "-g", "daemon off;"]
