# Django production image
FROM python:3.10

ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1

# system deps
RUN apt-get update && apt-get install -y \
    # database client
    postgresql-client \
    gettext \
    # needed by psycopg2
    build-essential \
    libpq-dev

WORKDIR /usr/src/app
COPY requirements.txt requirements-dev.txt ./
RUN pip install --upgrade pip
RUN pip install -r requirements.txt -r requirements-dev.txt
COPY . .
RUN python manage.py collectstatic --noinput
RUN useradd -m web && chown -R web:web /usr/src/app
USER web
EXPOSE 8000
CMD ["gunicorn", "-b", "0.0.0.0:8000", "site.wsgi"]
