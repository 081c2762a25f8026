FROM ruby:3.2
RUN apt-get update -qq && apt-get install -y build-essential libpq-dev nodejs
WORKDIR /app
ADD Gemfile Gemfile.lock /app/
RUN bundle install
ADD . /app
CMD ["bundle", "exec", "puma"]
