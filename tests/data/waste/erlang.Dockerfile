FROM elixir:1.15 AS build
WORKDIR /app
RUN mix local.hex --force && mix local.rebar --force
COPY mix.exs mix.lock ./
RUN mix deps.get --only prod
COPY . .
RUN MIX_ENV=prod mix release
FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y libssl3 libncurses6 locales
COPY --from=build /app/_build/prod/rel/app /app
CMD ["/app/bin/app", "start"]
