FROM python:3.11-slim
ENV POETRY_HOME=/opt/poetry
RUN apt-get update && apt-get install -y --no-install-recommends curl git && rm -rf /var/lib/apt/lists/*
RUN curl -sSL https://example.org/install-poetry | python3 -
WORKDIR /app
COPY pyproject.toml poetry.lock ./
RUN /opt/poetry/bin/poetry config virtualenvs.create false && /opt/poetry/bin/poetry install
COPY . .
RUN mkdir /models && cp -r /app/models/* /models/
RUN rm -rf /app/models /app/tests
CMD ["python", "-m", "pipeline"]
