FROM ubuntu:22.04
RUN apt-get update && apt-get install -y unzip wget && \
    wget -q https://example.org/terraform.zip && \
    unzip terraform.zip -d /usr/local/bin
RUN pip install awscli || true
ENTRYPOINT ["terraform"]
