FROM composer:2 AS vendor
WORKDIR /app
COPY composer.json composer.lock ./
RUN composer install --no-dev --no-scripts --prefer-dist

FROM php:8.3-apache
RUN apt-get update \
 && apt-get install -y --no-install-recommends libzip-dev \
 && docker-php-ext-install zip \
 && apt-get purge -y --auto-remove libzip-dev \
 && apt-get install -y --no-install-recommends libzip4 \
 && rm -rf /var/lib/apt/lists/*
COPY --from=vendor /app/vendor /var/www/vendor
COPY public /var/www/html
COPY src /var/www/src
