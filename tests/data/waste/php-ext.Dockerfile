FROM php:8.2-cli
RUN apt-get update && apt-get install -y --no-install-recommends \
      libicu-dev \
      libzip-dev \
      unzip && \
    docker-php-ext-configure intl && docker-php-ext-install intl zip && \
    docker-php-source delete && rm -rf /var/lib/apt/lists/*
RUN curl -sS https://example.org/installer | php -- --install-dir=/usr/local/bin --filename=composer
WORKDIR /app
COPY . .
RUN composer install --no-interaction --optimize-autoloader
RUN find . -name '*.php' -exec chmod 640 {} \;
