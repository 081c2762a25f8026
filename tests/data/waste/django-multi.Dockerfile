FROM python:3.12-slim AS builder
ENV PIP_NO_CACHE_DIR=1
WORKDIR /src
RUN apt-get update && apt-get install -y --no-install-recommends build-essential libpq-dev && rm -rf /var/lib/apt/lists/*
COPY requirements.txt ./
RUN pip wheel --wheel-dir /wheels -r requirements.txt
FROM python:3.12-slim
RUN apt-get update && apt-get install -y --no-install-recommends libpq5 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 1001 app
WORKDIR /srv
RUN --mount=from=builder,source=/wheels,target=/wheels pip install --no-cache-dir --no-index /wheels/*.whl
COPY --chown=app:app manage.py ./
COPY --chown=app:app site ./site
USER app
EXPOSE 8000
HEALTHCHECK CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://localhost:8000/')"]
CMD ["gunicorn", "-b", ":8000", "site.wsgi"]
