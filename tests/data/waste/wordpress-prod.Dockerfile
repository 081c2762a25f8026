FROM wordpress:php8.2-fpm-alpine
COPY --chown=www-data:www-data . /usr/src/wordpress/wp-content/
RUN apk add --no-cache libpng-dev && docker-php-ext-install gd
RUN rm -rf /usr/src/wordpress/wp-content/themes/twenty*
