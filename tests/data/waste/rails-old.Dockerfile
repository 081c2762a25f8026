FROM ruby:2.7
MAINTAINER Jane Doe <jane@example.org>
RUN curl -sS https://example.org/pubkey.gpg | apt-key add - && \
    echo "deb https://example.org/debian/ stable main" | tee /etc/apt/sources.list.d/yarn.list
RUN apt-get update -qq && apt-get install -y nodejs yarn postgresql-client imagemagick && apt-get clean
RUN mkdir /myapp
WORKDIR /myapp
COPY Gemfile /myapp/Gemfile
COPY Gemfile.lock /myapp/Gemfile.lock
RUN gem install bundler -v 2.1.4
RUN bundle install
COPY . /myapp
RUN yarn install --check-files
RUN bundle exec rake assets:precompile
RUN rm -rf node_modules tmp/cache
CMD ["rails", "server", "-b", "0.0.0.0"]
