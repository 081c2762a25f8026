FROM php:8.3-fpm-alpine
RUN apk add --no-cache icu-dev libzip-dev $PHPIZE_DEPS \
    && docker-php-ext-install intl zip \
    && pecl install apcu \
    && docker-php-ext-enable apcu
COPY --from=composer:2 /usr/bin/composer /usr/bin/composer
WORKDIR /srv
COPY composer.json composer.lock ./
RUN composer install --no-dev --no-scripts
COPY . .
RUN composer dump-autoload --optimize
