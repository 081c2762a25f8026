FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y nginx && rm -rf /var/lib/apt/lists/*
RUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*
RUN rm -rf /usr/share/doc /usr/share/man
CMD ["nginx", "-g", "daemon off;"]
