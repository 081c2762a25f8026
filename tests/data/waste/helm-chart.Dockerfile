FROM python:3.9-slim-buster
ENV PIP_DEFAULT_TIMEOUT=100
RUN apt-get update \
    && apt-get -y upgrade \
    && apt-get -y install --no-install-recommends gcc python3-dev libffi-dev \
    && rm -rf /var/lib/apt/lists/*
RUN python -m pip install --upgrade pip wheel && python -m pip install ansible==2.9
RUN curl -Lo /tmp/helm.tgz https://example.org/helm-v3.tgz && tar -xzf /tmp/helm.tgz -C /tmp && mv /tmp/linux-amd64/helm /usr/local/bin/helm
RUN rm -rf /tmp/*
