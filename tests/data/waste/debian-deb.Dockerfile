FROM debian:bookworm-slim
ADD chrome.deb /tmp/chrome.deb
RUN apt-get update && apt-get install -y /tmp/chrome.deb && rm /tmp/chrome.deb
CMD ["google-chrome"]
