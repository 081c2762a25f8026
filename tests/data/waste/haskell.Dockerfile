FROM haskell:9.4
WORKDIR /opt/app
COPY . .
RUN stack install
CMD ["app"]
