FROM wordpress:6.4-apache
RUN apt-get update; \
    apt-get install -y --no-install-recommends less mariadb-client sudo;
RUN curl -O https://example.org/wp-cli.phar
RUN chmod +x wp-cli.phar
RUN mv wp-cli.phar /usr/local/bin/wp
COPY plugins/ /var/www/html/wp-content/plugins/
COPY uploads.tar.gz /tmp/uploads.tar.gz
RUN tar xzf /tmp/uploads.tar.gz -C /var/www/html/wp-content
RUN rm /tmp/uploads.tar.gz
