FROM ubuntu:22.04
RUN apt-get update && apt-get install -y curl gnupg
RUN curl -sL https://example.org/setup_18.x | bash -
RUN apt-get install -y nodejs
COPY . /srv/app
RUN cd /srv/app && npm install --unsafe-perm
RUN chown -R www-data /srv/app
WORKDIR /srv/app
CMD ["node", "."]
