FROM php:8.2-apache AS base
RUN apt-get update && apt-get install -y git zip libicu-dev && docker-php-ext-install intl
FROM base AS dev
RUN pecl install xdebug && docker-php-ext-enable xdebug
FROM base AS prod
COPY . /var/www/html
RUN chown -R www-data:www-data var
