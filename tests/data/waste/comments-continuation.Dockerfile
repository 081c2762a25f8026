FROM ubuntu:22.04
RUN apt-get update \
# web server
 && apt-get install -y --no-install-recommends \
    # the server
    apache2 \

    # php
    libapache2-mod-php \
    php-mysql
RUN a2enmod rewrite
COPY site/ /var/www/html/
RUN find /var/www/html -type f -exec chmod 644 {} +
CMD ["apachectl", "-D", "FOREGROUND"]
