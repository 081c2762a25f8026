FROM ruby:3.2-slim
RUN apt-get update && apt-get install -y --no-install-recommends gcc make libc-dev && rm -rf /var/lib/apt/lists/*
RUN gem install rails sinatra
WORKDIR /app
COPY . .
CMD ["ruby", "app.rb"]
