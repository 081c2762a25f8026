FROM php:8.2-apache
RUN apt-get update \
 && apt-get install -y git unzip libzip-dev libpng-dev \
 && docker-php-ext-install zip gd
COPY --from=composer:2 /usr/bin/composer /usr/bin/composer
COPY . /var/www/html
RUN composer install
RUN chown -R www-data:www-data /var/www/html
