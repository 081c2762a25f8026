FROM python:3.11-bookworm AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
        gcc \
        libpq-dev \
        libmagic1 \
 && rm -rf /var/lib/apt/lists/*
ARG UID=10001
RUN useradd --uid ${UID} --create-home app
WORKDIR /srv/app
COPY requirements.txt .
RUN python -m venv /venv
ENV VIRTUAL_ENV=/venv PATH=/venv/bin:$PATH
RUN pip install --no-cache-dir -r requirements.txt
COPY entrypoint.sh /usr/local/bin/
RUN chmod +x /usr/local/bin/entrypoint.sh
COPY --chown=app . .

FROM python:3.11-slim-bookworm
ENV VIRTUAL_ENV=/venv PATH=/venv/bin:$PATH
ARG UID=10001
RUN apt-get update \
 && apt-get install -y --no-install-recommends libpq5 libmagic1 curl \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid ${UID} --create-home app
WORKDIR /srv/app
COPY --from=build /venv /venv
COPY --from=build /srv/app /srv/app
COPY --from=build /usr/local/bin/entrypoint.sh /usr/local/bin/entrypoint.sh
EXPOSE 8000
USER app
ENTRYPOINT ["entrypoint.sh"]
CMD ["gunicorn", "app:app"]
